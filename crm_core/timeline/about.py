"""Under whom something is found that people add: to a party, to a call, or to both.

What is added to a party is its own. What is added to a call alone goes with the call: to whoever has its number, or to
the one person it is attached to. Neighbours: ``crm_core.notes``, ``files`` and ``tasks`` ask.
"""

from __future__ import annotations

from crm_core.timeline.model import found_under, of_call, of_party
from crm_core.timeline.store import subjects_of_call
from cti.kernel.db import Reader
from cti.kernel.errors import N_, InvalidError, NotFoundError

LONGEST_CALL_ID = 290


async def subjects_for(reader: Reader, party: str | None, call: str | None) -> tuple[str, ...]:
    """The subjects of something about this party and this call. InvalidError: about neither. NotFoundError: there is
    no such party."""
    if party is None and call is None:
        raise InvalidError(N_("Say what it is about: a contact or a call."), at="party")
    about = () if call is None else (of_call(checked_call(call)),)
    if party is not None:
        await require_party(reader, party)
        return (of_party(party), *about)
    subjects, attached = await subjects_of_call(reader, call or "")
    return (*found_under(subjects, attached), *about)


async def require_party(reader: Reader, party: str) -> None:
    """NotFoundError unless there is such a party."""
    row = None
    if "\0" not in party:
        row = await reader.one("SELECT id FROM party WHERE id = ?", party)
    if row is None:
        raise NotFoundError(N_("There is no such contact."))


def checked_call(call: str) -> str:
    """The id of a call, fit to be kept. InvalidError if it can be none."""
    if not call or len(call) > LONGEST_CALL_ID or not call.isprintable():
        raise InvalidError(N_("That is not the id of a call."), at="call")
    return call
