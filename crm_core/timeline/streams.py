"""Whose subjects make up a stream, decided when it is read: so a call whose number becomes somebody's later is in his
stream at once, and merging two parties moves nothing.

A person's stream is his own, that of all who were merged into him, and of each of his numbers; a company's also that of
its people. Neighbours: ``crm_core.contacts`` knows who has which number, ``walk`` reads the subjects.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crm_core.contacts.store import family, people_of, survivor
from crm_core.timeline.model import of_attached, of_number, of_party
from cti.kernel.db import Reader
from cti.kernel.errors import N_, InvalidError, NotFoundError

LONGEST_SUBJECT = 300


async def subjects_of(reader: Reader, subject: str) -> tuple[str, ...]:
    """All subjects of the stream of ``subject`` (``p:`` and a party's id, ``n:`` and a number's key, ``c:`` and the id
    of a call: what is about it).

    NotFoundError if there is no such party, InvalidError for anything else.
    """
    kind, _, name = subject.partition(":")
    if len(subject) > LONGEST_SUBJECT or "\0" in subject or not name or kind not in ("p", "n", "c"):
        raise InvalidError(N_("That is neither a contact nor a number."))
    if kind == "c":
        return (subject,)
    if kind == "n":
        return of_number(name), of_attached(name)
    return await _of_party(reader, name)


async def _of_party(reader: Reader, party_id: str) -> tuple[str, ...]:
    own = await survivor(reader, party_id)
    row = await reader.one("SELECT kind FROM party WHERE id = ?", own)
    if row is None:
        raise NotFoundError(N_("There is no such contact."))
    parties = await family(reader, own)
    if row[0] == "company":
        people = [p for one in parties for p in await people_of(reader, one)]
        parties = tuple(dict.fromkeys((*parties, *people, *await _merged_into(reader, people))))
    keys = await _keys_of(reader, parties)
    return (*map(of_party, parties), *map(of_number, keys))


async def _merged_into(reader: Reader, parties: Sequence[str]) -> list[str]:
    """All that became part of one of these, straight or by way of others."""
    found: dict[str, None] = {}
    wanted = list(parties)
    while wanted:
        rows = await reader.fetch_in("SELECT id FROM party WHERE merged_into IN (?)", wanted)
        wanted = [row[0] for row in rows if row[0] not in found]
        found |= dict.fromkeys(wanted)
    return list(found)


async def _keys_of(reader: Reader, parties: Sequence[str]) -> list[str]:
    rows = await reader.fetch_in("SELECT DISTINCT key FROM party_number WHERE party_id IN (?)", parties)
    return list(dict.fromkeys(row[0] for row in rows if row[0] is not None))


async def shared_keys(reader: Reader, keys: Iterable[str]) -> set[str]:
    """Those of these numbers that several parties have."""
    sql = "SELECT key, party_id FROM party_number WHERE key IN (?)"
    owners: dict[str, set[str]] = {}
    for key, party in await reader.fetch_in(sql, list(dict.fromkeys(keys))):
        owners.setdefault(key, set()).add(party)
    return {key for key, parties in owners.items() if len(parties) > 1}


async def watchers(reader: Reader, parties: Iterable[str], keys: Iterable[str]) -> set[str]:
    """The parties in whose streams something shows that happened with these: who has the numbers, what they were
    merged into, and their companies."""
    sql = "SELECT DISTINCT party_id FROM party_number WHERE key IN (?)"
    wanted = {*parties, *(row[0] for row in await reader.fetch_in(sql, list(keys)))}
    found: set[str] = set()
    while wanted:
        found |= wanted
        rows = await reader.fetch_in("SELECT company_id, merged_into FROM party WHERE id IN (?)", sorted(wanted))
        wanted = {name for row in rows for name in row if name is not None} - found
    return found
