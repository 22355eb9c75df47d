"""Which rows are of somebody who is there already, asked of the database for a whole batch at once.

Neighbours: ``keys`` says by what; ``running`` and ``checking`` ask.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.json import encode

from crm_core.contacts import store as parties
from crm_core.contacts.model import Party
from crm_core.exchange.keys import MatchBy, keys_of, shared_numbers, sure_numbers
from cti.kernel.db import Reader

_LIVE = "deleted_at IS NULL AND merged_into IS NULL"
_SHARED = {
    # From the name to the number: a name has few bearers, a switchboard thousands.
    "sqlite": "SELECT DISTINCT p.id FROM json_each(?) AS j CROSS JOIN party AS p ON p.name_key = j.value ->> 1"
    " CROSS JOIN party_number AS n ON n.party_id = p.id AND n.key = j.value ->> 0",
    "postgresql": "SELECT DISTINCT p.id FROM unnest(?::text[], ?::text[]) AS j(key, name)"
    " JOIN party AS p ON p.name_key = j.name JOIN party_number AS n ON n.party_id = p.id AND n.key = j.key",
}


async def matches(reader: Reader, wanted: Sequence[Party], by: Sequence[MatchBy]) -> dict[str, Party]:
    """Key -> the contact that has it, for all keys of ``wanted``; of several contacts with one key, the oldest."""
    ids: set[str] = set()
    if "national_id" in by and (found := sorted({one.national_id for one in wanted if one.national_id})):
        ids |= await _ids(reader, f"SELECT id FROM party WHERE national_id IN (?) AND {_LIVE}", found)
    if "number" in by:
        if numbers := sorted({number for one in wanted for number in sure_numbers(one)}):
            ids |= await _ids(reader, "SELECT party_id FROM party_number WHERE key IN (?)", numbers)
        ids |= await _sharing(reader, wanted)
    if "mail" in by and (mails := sorted({mail.address.lower() for one in wanted for mail in one.mails})):
        ids |= await _ids(reader, "SELECT party_id FROM party_mail WHERE key IN (?)", mails)
    if names := sorted({parties.name_key(one.name) for one in wanted if "name" in by or one.kind == "company"}):
        ids |= await _ids(reader, f"SELECT id FROM party WHERE name_key IN (?) AND {_LIVE}", names)
    return _by_key([one for one in await parties.get_many(reader, sorted(ids)) if one.live], by)


async def _ids(reader: Reader, sql: str, values: list[str]) -> set[str]:
    return {str(row[0]) for row in await reader.fetch_in(sql, values)}


async def _sharing(reader: Reader, wanted: Sequence[Party]) -> set[str]:
    pairs = sorted({(key, parties.name_key(one.name)) for one in wanted for key in shared_numbers(one)})
    if not pairs:
        return set()
    if reader.dialect == "sqlite":
        rows = await reader.fetch(_SHARED["sqlite"], encode(pairs).decode())
    else:
        rows = await reader.fetch(_SHARED["postgresql"], *(list(part) for part in zip(*pairs, strict=True)))
    return {str(row[0]) for row in rows}


def _by_key(found: Sequence[Party], by: Sequence[MatchBy]) -> dict[str, Party]:
    known: dict[str, Party] = {}
    for one in sorted(found, key=lambda party: party.id):
        for key in keys_of(one, by):
            known.setdefault(key, one)
    return known


def same(keys: Sequence[str], known: dict[str, Party]) -> Party | None:
    """Whoever has one of these keys; the surest comes first."""
    return next((known[key] for key in keys if key in known), None)
