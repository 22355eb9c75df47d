"""What the pages of imports call things: states, policies, what columns may hold.

Neighbours: ``pages.imports`` shows them, ``api.imports`` documents the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from crm_core.exchange.columns import FIELD, TARGETS
from crm_core.exchange.convert import Fault
from crm_core.exchange.model import AT_WORK, Import, State
from crm_core.exchange.profile import Example
from crm_core.fields.model import FieldDef
from web.i18n import N_

Say = Callable[[str], str]

STATES: dict[State, tuple[str, str]] = {  # word, and the look of its mark
    "uploaded": (N_("To be mapped"), "off"),
    "checking": (N_("Being checked"), "talk"),
    "checked": (N_("Checked"), "hold"),
    "running": (N_("Being imported"), "talk"),
    "paused": (N_("Paused"), "pause"),
    "done": (N_("Imported"), "ready"),
    "cancelled": (N_("Stopped"), "pause"),
    "failed": (N_("Failed"), "bad"),
    "reverting": (N_("Being taken back"), "talk"),
    "reverted": (N_("Taken back"), "off"),
}
KINDS = (("person", N_("Persons")), ("company", N_("Companies")))
ON_MATCH = (
    ("skip", N_("Leave the contact as it is")),
    ("fill", N_("Fill in what is empty, add what it lacks")),
    ("overwrite", N_("Let the file overwrite it")),
    ("create", N_("Make another contact all the same")),
)
MATCH_BY = (
    ("national_id", N_("National ID")),
    ("number", N_("Number (a fixed one only with the same name)")),
    ("mail", N_("E-mail")),
    ("name", N_("Name and company")),
)
ON_FAULT = (
    ("set_aside", N_("Set the row aside, to be mended")),
    ("leave_out", N_("Import the row without that cell")),
)
ENCODINGS = (
    ("", N_("Found by itself")), ("utf-8", "UTF-8"), ("windows-1256", "Windows-1256"), ("utf-16", "UTF-16"),
    ("windows-1252", "Windows-1252"), ("iso-8859-6", "ISO 8859-6"),
)  # fmt: skip
DELIMITERS = (
    ("", N_("Found by itself")), (",", N_("Comma")), (";", N_("Semicolon")), ("\t", N_("Tab")), ("|", N_("Bar")),
)  # fmt: skip
NUMBERS = {
    "mobile": N_("Mobile"), "fixed": N_("Fixed line"), "abroad": N_("Abroad"), "unknown": N_("Kept as written"),
}  # fmt: skip


def targets(fields: Sequence[FieldDef], say: Say, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Where a column may go, in groups: (group, [(target, its name)])."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for one in TARGETS:
        groups.setdefault(one.group, []).append((one.name, say(one.label)))
    found = [(say(group), some) for group, some in groups.items()]
    own = {FIELD + one.name: one.label(language) for one in fields}
    return [*found, (say(N_("Other fields")), list(own.items()))] if own else found


def target_names(fields: Sequence[FieldDef], say: Say, language: str) -> dict[str, str]:
    return {name: text for _, some in targets(fields, say, language) for name, text in some}


def reason(fault: Fault | Example, say: Say) -> str:
    """What is wrong, in the reader's language; so is the field that it names."""
    values = {name: say(value) if isinstance(value, str) and value else value for name, value in fault.values.items()}
    return say(fault.text) % values if values else say(fault.text)


def share(one: Import) -> float | None:
    """How much of the work is done, 0 to 1; None while that cannot be known."""
    if one.state == "reverting":
        written = one.created + one.updated
        return min((one.reverted + one.kept) / written, 1.0) if written else None
    if not one.total or one.state not in (*AT_WORK, "paused"):
        return None
    return min(one.dealt / one.total, 1.0)
