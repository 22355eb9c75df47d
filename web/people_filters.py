"""What is asked of the list of people, read from an address and written back into one.

The fields are text as people type it (Persian digits, Jalali dates); what cannot be read narrows nothing and is said.
Neighbours: ``pages.contacts`` shows them as chips, ``crm_core.contacts.model`` has the filter that they make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from crm_core.contacts.model import PartyFilter
from crm_core.fields.model import FieldDef
from crm_core.fields.types import KINDS, criterion
from cti.kernel.errors import InvalidError
from screenpop.presenter import shown
from web.dates import end_of, read_day, start_of
from web.format import Formats
from web.i18n import N_

PATH = "/contacts"
TEXTS = ("text", "tag", "role", "tier", "owner", "team", "source", "company")
CHOICES: dict[str, tuple[str, ...]] = {
    "kind": ("person", "company"),
    "calls": ("no", "yes"),  # may be called
    "number": ("has", "none"),
    "order": ("name", "changed", "created"),
    "deleted": ("yes",),
}
DAYS: dict[str, str] = {
    "created_since": "created_from",
    "created_until": "created_to",
    "changed_since": "changed_from",
    "changed_until": "changed_to",
}
FIELD = "field_"
NOBODY = "nobody"
MINE = "me"


class Asked(msgspec.Struct, frozen=True):
    """The fields as typed, the filter that they make, and what was wrong with a field."""

    typed: dict[str, str]
    wanted: PartyFilter
    problems: dict[str, str]

    def link(self, changes: Mapping[str, str | None] | None = None) -> str:
        """The address of this list with some fields changed (None takes one away)."""
        kept = {name: value for name, value in {**self.typed, **(changes or {})}.items() if value}
        return f"{PATH}?{urlencode(kept)}" if kept else PATH

    @property
    def narrowed(self) -> bool:
        """True if somebody may be hidden."""
        return any(name not in ("kind", "order") for name in self.typed)


def read(query: Mapping[str, str], f: Formats, now: float, me: str, fields: Sequence[FieldDef] = ()) -> Asked:
    """``me``: the id of who asks, for the owner ``me``. ``fields``: the custom ones that may be filtered by."""
    names = (*TEXTS, *CHOICES, *DAYS, *(FIELD + one.name for one in fields))
    typed = {name: text for name in names if (text := shown(query.get(name, ""), 200))}
    problems: dict[str, str] = {}
    wanted: dict[str, Any] = {name: typed.get(name) for name in TEXTS}
    for name in ("owner", "team"):
        wanted[name] = {NOBODY: "", MINE: me}.get(typed.get(name, ""), typed.get(name))
    _read_choices(typed, wanted, problems)
    _read_days(typed, wanted, problems, f, now)
    wanted["fields"] = _read_fields(typed, fields, problems, f.language)
    return Asked(typed, PartyFilter(**wanted), problems)


def _read_choices(typed: dict[str, str], wanted: dict[str, Any], problems: dict[str, str]) -> None:
    for name, known in CHOICES.items():
        if (value := typed.get(name)) is not None and value not in known:
            problems[name] = N_("There is no such choice.")
            del typed[name]
    wanted["kind"], wanted["order"] = typed.get("kind"), typed.get("order", "name")
    wanted["do_not_call"] = {"no": True, "yes": False}.get(typed.get("calls", ""))
    wanted["has_number"] = {"has": True, "none": False}.get(typed.get("number", ""))
    wanted["deleted"] = "deleted" in typed


def _read_days(
    typed: Mapping[str, str], wanted: dict[str, Any], problems: dict[str, str], f: Formats, now: float
) -> None:
    for name, field in DAYS.items():
        if (text := typed.get(name)) is None:
            continue
        if (day := read_day(text, now, f.zone)) is None:
            problems[name] = N_("Write a date as 1405/09/01 or 2026-11-22.")
        else:
            wanted[field] = (start_of if name.endswith("since") else end_of)(day, f.zone)


def _read_fields(
    typed: Mapping[str, str], fields: Sequence[FieldDef], problems: dict[str, str], language: str
) -> tuple[tuple[str, str, str], ...]:
    found = []
    for one in fields:
        if (text := typed.get(FIELD + one.name)) is None:
            continue
        op = "contains" if "contains" in KINDS[one.type].ops else "is"
        try:
            criterion(one, op, text)
        except InvalidError:
            problems[FIELD + one.name] = N_("This cannot be looked for in that field.")
        else:
            found.append((one.name, op, text))
    return tuple(dict.fromkeys(found))
