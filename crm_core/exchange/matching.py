"""Which rows are of somebody who is there already, asked of the database for a whole batch at once.

Neighbours: ``keys`` says by what; ``running`` and ``checking`` ask.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.json import encode

from crm_core.contacts import store as parties
from crm_core.contacts.model import Party
from crm_core.exchange.keys import MatchBy, keys_of
from cti.kernel.db import Reader

_LIVE = "deleted_at IS NULL AND merged_into IS NULL"
_ASKED = {  # by the second letter of a key: see ``keys``
    "i": f"SELECT id FROM party WHERE national_id IN (?) AND {_LIVE}",
    "n": "SELECT party_id FROM party_number WHERE key IN (?)",
    "m": "SELECT party_id FROM party_mail WHERE key IN (?)",
}
_NAMED = f"SELECT id FROM party WHERE name_key IN (?) AND {_LIVE}"
_SHARED = {
    # From the name to the number: a name has few bearers, a switchboard thousands.
    "sqlite": "SELECT DISTINCT p.id FROM json_each(?) AS j CROSS JOIN party AS p ON p.name_key = j.value ->> 1"
    " CROSS JOIN party_number AS n ON n.party_id = p.id AND n.key = j.value ->> 0",
    "postgresql": "SELECT DISTINCT p.id FROM unnest(?::text[], ?::text[]) AS j(key, name)"
    " JOIN party AS p ON p.name_key = j.name JOIN party_number AS n ON n.party_id = p.id AND n.key = j.key",
}


async def matches(reader: Reader, wanted: Sequence[str], by: Sequence[MatchBy]) -> dict[str, Party]:
    """Key -> the contact that has it, for all keys of ``wanted``; of several contacts with one key, the oldest."""
    sort: dict[str, set[str]] = {}
    for key in wanted:
        sort.setdefault(key[1], set()).add(key[2:])
    ids: set[str] = set()
    for letter, sql in _ASKED.items():
        if values := sort.get(letter):
            ids |= {str(row[0]) for row in await reader.fetch_in(sql, sorted(values))}
    if shared := sort.get("w"):
        ids |= await _sharing(reader, sorted(shared))
    if names := sort.get("a"):
        keys = sorted({name.partition("/")[0][: parties.KEY_LENGTH] for name in names})
        ids |= {str(row[0]) for row in await reader.fetch_in(_NAMED, keys)}
    return _by_key([one for one in await parties.get_many(reader, sorted(ids)) if one.live], by)


async def _sharing(reader: Reader, shared: Sequence[str]) -> set[str]:
    halves = (key.partition("/") for key in shared)
    pairs = [(number, name[: parties.KEY_LENGTH]) for number, _, name in halves]
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
