"""Where people work: the company that a person's ``company_name`` or ``company_id`` means, made if there is none.

Neighbours: ``service`` asks it for all that it writes, ``store`` finds companies by name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from crm_core.contacts import store
from crm_core.contacts.draft import refused
from crm_core.contacts.model import Party
from cti.kernel.db import Transaction
from cti.kernel.errors import N_

LOCK = 0xC0_4A27
"""Held while companies are made by name, so that two transactions do not make the same one."""

Make = Callable[[str, Party], Party]
"""A new company of this name, because of this person."""


async def settle(tx: Transaction, parties: Sequence[Party], make: Make) -> tuple[list[Party], list[Party]]:
    """The companies that have to be made, and the parties with the id and the name of theirs.

    Raises InvalidError for a ``company_id`` that is no company's.
    """
    named = await _by_id(tx, {one.company_id for one in parties if one.company_id is not None})
    wanted = {store.name_key(one.company_name): one for one in parties if _unsettled(one)}
    found = await _by_name(tx, wanted)
    made: dict[str, Party] = {}
    for one in parties:  # those of the same batch too
        if one.kind == "company" and (key := store.name_key(one.name)) in wanted:
            found.setdefault(key, (one.id, one.name))
    for key, one in wanted.items():
        if key not in found:
            made[key] = make(one.company_name, one)
            found[key] = made[key].id, made[key].name
    return list(made.values()), [_settled(one, named, found) for one in parties]


def _unsettled(one: Party) -> bool:
    return one.kind == "person" and one.company_id is None and bool(one.company_name)


def _settled(one: Party, named: dict[str, tuple[str, str]], found: dict[str, tuple[str, str]]) -> Party:
    if _unsettled(one):
        company_id, name = found[store.name_key(one.company_name)]
    elif one.company_id is not None:
        company_id, name = named[one.company_id]
    else:
        return one
    if (company_id, name) == (one.company_id, one.company_name):
        return one
    return msgspec.structs.replace(one, company_id=company_id, company_name=name)


async def _by_id(tx: Transaction, ids: set[str]) -> dict[str, tuple[str, str]]:
    found = {one.id: one for one in await store.get_many(tx, sorted(ids))}
    named = {}
    for own in ids:
        company = found.get(own)
        if company is not None and company.merged_into is not None:
            company = await store.get(tx, await store.survivor(tx, own))
        if company is None or company.kind != "company":
            raise refused(N_("%(field)s: there is no such company."), "company_id")
        named[own] = company.id, company.name
    return named


async def _by_name(tx: Transaction, wanted: dict[str, Party]) -> dict[str, tuple[str, str]]:
    names = [one.company_name for one in wanted.values()]
    if not names:
        return {}
    found = await store.companies_named(tx, names)
    if len(found) < len(wanted):
        await tx.lock(LOCK)
        found = await store.companies_named(tx, names)
    return found
