"""Several parties made one, and one made several again: what becomes of each field. Pure.

What has one value is the survivor's, or that of the party which was chosen for it; an empty one is filled from the
others. What has several is united, the survivor's first, so that nothing is lost. Undoing takes back what the merge
brought, and leaves what was changed since.

Neighbour: ``service`` reads, writes and notes what comes out here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import msgspec

from crm_core.contacts.model import Party
from crm_core.contacts.store import tag_key
from cti.kernel.errors import N_, InvalidError

GROUPS: dict[str, tuple[str, ...]] = {
    "name": ("name", "first_name", "last_name", "honorific"),
    "company": ("company_id", "company_name"),
    "position": ("position",),
    "tier": ("tier",),
    "owner": ("owner",),
    "team": ("team",),
    "source": ("source", "source_at"),
    "language": ("language",),
    "birth_date": ("birth_date",),
    "national_id": ("national_id",),
    "economic_code": ("economic_code",),
}
"""What can be chosen, and the fields that go together. Custom fields are chosen as ``fields.NAME``."""
CUSTOM = "fields."
EITHER = ("do_not_call", "do_not_sms")
"""Whoever asked not to be called is not called, whichever of his records says so."""

_SAME: dict[str, Callable[[Any], Hashable]] = {
    "numbers": lambda one: (one.key or one.raw, one.extension),
    "mails": lambda one: one.address.lower(),
    "addresses": lambda one: one,
    "links": lambda one: one,
    "roles": lambda one: one,
    "tags": tag_key,
}
"""What has several values, and when two of them are one."""


def merged(into: Party, others: Sequence[Party], choices: Mapping[str, str]) -> Party:
    """``into`` with all that the others have. ``choices``: name of ``GROUPS`` (or ``fields.NAME``) -> id of the party
    whose value wins. InvalidError for a choice that cannot be."""
    everybody = {one.id: one for one in (into, *others)}
    changes: dict[str, Any] = {}
    for name, fields in GROUPS.items():
        winner = everybody[_winner(name, choices, {id_: getattr(one, fields[0]) for id_, one in everybody.items()})]
        changes |= {field: getattr(winner, field) for field in fields}
    if "source" not in choices:
        changes |= _first_touch(list(everybody.values()))
    changes["fields"] = _custom(everybody, choices)
    changes |= {name: any(getattr(one, name) for one in everybody.values()) for name in EITHER}
    changes |= {name: _united(name, list(everybody.values())) for name in _SAME}
    if unknown := set(choices) - set(GROUPS) - {CUSTOM + name for one in everybody.values() for name in one.fields}:
        raise InvalidError(N_("There is nothing to choose for «%(field)s»."), field=min(unknown)[:80])
    return msgspec.structs.replace(into, **changes)


def differing(parties: Sequence[Party]) -> list[str]:
    """The names of what the parties have different values for: what there is to choose."""
    found = []
    for name, fields in GROUPS.items():
        if len({getattr(one, fields[0]) for one in parties} - {"", None}) > 1:
            found.append(name)
    custom = dict.fromkeys(name for one in parties for name in one.fields)
    for name in custom:
        values = [one.fields[name] for one in parties if not _empty(one.fields.get(name))]
        if any(value != values[0] for value in values):
            found.append(CUSTOM + name)
    return found


def unmerged(before: Party, after: Party, now: Party) -> Party:
    """``now`` without what the merge from ``before`` to ``after`` brought; what was changed since stays."""
    changes: dict[str, Any] = {}
    for name in (*(field for fields in GROUPS.values() for field in fields), *EITHER):
        if getattr(now, name) == getattr(after, name):
            changes[name] = getattr(before, name)
    changes |= {name: _taken_back(name, before, after, now) for name in _SAME}
    changes["fields"] = _custom_back(before.fields, after.fields, now.fields)
    return msgspec.structs.replace(now, **changes)


def _winner(name: str, choices: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """The id of the party whose value counts: the chosen one, else the first that has any (the survivor is first)."""
    chosen = choices.get(name)
    if chosen is None:
        return next((party_id for party_id, value in values.items() if not _empty(value)), next(iter(values)))
    if chosen not in values:
        raise InvalidError(N_("«%(field)s» can only be chosen from the contacts that are merged."), field=name[:80])
    return chosen


def _first_touch(parties: Sequence[Party]) -> dict[str, Any]:
    """The source of whoever was touched first."""
    known = [one for one in parties if one.source]
    first = min(known, key=lambda one: (one.source_at is None, one.source_at or 0.0), default=parties[0])
    return {"source": first.source, "source_at": first.source_at}


def _custom(everybody: Mapping[str, Party], choices: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in dict.fromkeys(name for one in everybody.values() for name in one.fields):
        values = {id_: one.fields.get(name) for id_, one in everybody.items()}
        value = values[_winner(CUSTOM + name, choices, values)]
        if value is not None:
            found[name] = value
    return found


def _united(name: str, parties: Sequence[Party]) -> tuple[Any, ...]:
    once: dict[Hashable, Any] = {}
    for one in parties:
        for value in getattr(one, name):
            once.setdefault(_SAME[name](value), value)
    return tuple(once.values())


def _taken_back(name: str, before: Party, after: Party, now: Party) -> tuple[Any, ...]:
    same = _SAME[name]
    had = {same(value) for value in getattr(before, name)}
    brought = {same(value) for value in getattr(after, name)} - had
    return tuple(value for value in getattr(now, name) if same(value) not in brought)


def _custom_back(before: dict[str, Any], after: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    found = dict(now)
    for name, value in after.items():
        if name in found and found[name] == value and before.get(name) != value:
            if name in before:
                found[name] = before[name]
            else:
                del found[name]
    return found


def _empty(value: Any) -> bool:
    return value is None or value in ("", (), [])
