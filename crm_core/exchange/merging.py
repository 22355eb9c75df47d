"""What the file says laid over a contact that is there: nothing that the contact has is ever lost by it. Pure.

Neighbours: ``running`` decides when; ``crm_core.contacts.service.rewrite_many`` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from crm_core.contacts.draft import MOST_PARTS, MOST_TAGS
from crm_core.contacts.model import Party
from cti.kernel.persian import fold

_PLAIN = (
    "honorific", "position", "tier", "language", "birth_date", "national_id", "economic_code", "owner", "team",
)  # fmt: skip
_FLAGS = ("do_not_call", "do_not_sms")
_LISTS: dict[str, Callable[[Any], Any]] = {
    "numbers": lambda one: (one.key or one.raw, one.extension),
    "mails": lambda one: one.address.lower(),
    "addresses": lambda one: fold(f"{one.text} {one.city} {one.postal_code}"),
    "links": lambda one: one.value.lower(),
    "roles": lambda one: one,
    "tags": fold,
}


def laid_over(before: Party, new: Party, *, overwrite: bool) -> Party:
    """``before`` with what ``new`` says: what is empty is filled, lists are added to; with ``overwrite`` other values
    are replaced too. What ``new`` leaves empty stays. ``before`` itself if nothing differs."""
    changes: dict[str, Any] = _name(before, new, overwrite)
    for name in _PLAIN:
        value = getattr(new, name)
        if value and (overwrite or not getattr(before, name)):
            changes[name] = value
    for name in _FLAGS:  # whoever asked not to be called is not called, whatever a list says
        changes[name] = getattr(before, name) or getattr(new, name)
    moved = new.company_name and fold(new.company_name) != fold(before.company_name)
    if moved and (overwrite or not before.company_name):
        changes |= {"company_id": None, "company_name": new.company_name}
    for name, key in _LISTS.items():
        changes[name] = _together(
            getattr(before, name), getattr(new, name), key, MOST_TAGS if name == "tags" else MOST_PARTS
        )
    changes["fields"] = {**new.fields, **before.fields} if not overwrite else {**before.fields, **new.fields}
    return msgspec.structs.replace(before, **changes)


def _name(before: Party, new: Party, overwrite: bool) -> dict[str, Any]:
    if not overwrite:
        if before.first_name or before.last_name or before.kind == "company" or fold(before.name) != fold(new.name):
            return {}
        return {"first_name": new.first_name, "last_name": new.last_name}
    return {"name": new.name, "first_name": new.first_name, "last_name": new.last_name}


def _together(old: Sequence[Any], new: Sequence[Any], key: Callable[[Any], Any], most: int) -> tuple[Any, ...]:
    found = {key(one): one for one in old}
    for one in new:
        found.setdefault(key(one), one)
    return tuple(found.values())[: max(most, len(old))]
