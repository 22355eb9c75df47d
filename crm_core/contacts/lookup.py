"""Who is this? All parties of a number, ranked, in one query on the indexed number table.

A number is compared by its key (``cti.live.numbers.match_key``), never by its text. Who withheld his number and
extensions have no key, so they match nobody. Matches with ``sure`` have the very key; a fixed number that was written
without its area code may be the caller's too, and is offered after them as a maybe. Mobiles have no maybe.

Neighbours: ``store`` writes the table, pops and lists of calls ask. ``who_many`` remembers what it found until
something changes (``forget``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from crm_core.contacts.model import PartyKind
from cti.kernel.actor import Actor
from cti.kernel.db import Database, Reader
from cti.live.numbers import tail

MOST_MATCHES = 1_000
"""A number that more parties share than this tells nothing about any of them."""
MOST_REMEMBERED = 50_000

_LOCAL = re.compile(r"[2-9]\d{7}")
_FIXED = re.compile(r"\+98[1-8]\d[2-9]\d{7}")
_SELECT = (
    "SELECT n.key, n.kind, n.label, p.id, p.kind, p.name, p.company_name, p.tier, p.changed_at"
    " FROM party_number n JOIN party p ON p.id = n.party_id"
)


class Match(msgspec.Struct, frozen=True, gc=False):
    """A party that has the number. ``number_kind`` and ``label``: what its own entry of the number says. ``sure`` is
    False where only the local part of a fixed number agrees."""

    id: str
    kind: PartyKind
    name: str
    company: str
    tier: str
    number_kind: str
    label: str
    sure: bool
    changed_at: float

    @property
    def vip(self) -> bool:
        return self.tier == "vip"


class Lookup:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[Match, ...]] = {}
        self._era = 0

    async def who(self, actor: Actor, key: str | None, limit: int = 10) -> tuple[Match, ...]:
        """Everybody who has this number, the likeliest first: sure before maybe, VIPs, people before companies, then
        who was changed last. Nobody for None."""
        actor.require("contacts.view")
        if not key:
            return ()
        async with self._database.read() as reader:
            return (await self._asked(reader, key))[:limit]

    async def who_many(self, keys: Iterable[str | None]) -> dict[str, tuple[Match, ...]]:
        """For lists: who surely has each key that somebody has. The caller checks what his actor may see."""
        wanted = list(dict.fromkeys(key for key in keys if key))
        found = {key: self._known[key] for key in wanted if key in self._known}
        if len(found) < len(wanted):
            found |= await self._learn([key for key in wanted if key not in found])
        return {key: matches for key, matches in found.items() if matches}

    def recall(self, key: str) -> tuple[Match, ...] | None:
        """What ``who_many`` knows of a key without asking; None if it has to be asked."""
        return self._known.get(key)

    def forget(self) -> None:
        """Something changed: what was found before may no longer be so."""
        self._era += 1
        self._known.clear()

    async def _learn(self, keys: Sequence[str]) -> dict[str, tuple[Match, ...]]:
        era = self._era
        rows: dict[str, list[Match]] = {key: [] for key in keys}
        async with self._database.read() as reader:
            for row in await reader.fetch_in(f"{_SELECT} WHERE n.key IN (?)", keys):
                rows[row[0]].append(_match(row, True))
        found = {key: _ranked(matches) for key, matches in rows.items()}
        if era == self._era:  # else it changed while we asked, and is good for this once at most
            self._remember(found)
        return found

    def _remember(self, found: dict[str, tuple[Match, ...]]) -> None:
        if len(self._known) + len(found) > MOST_REMEMBERED:
            self._known.clear()
        self._known.update(found)

    async def _asked(self, reader: Reader, key: str) -> tuple[Match, ...]:
        """One query: each branch is a walk along an index."""
        if _FIXED.fullmatch(key):
            rows = await reader.fetch(f"{_SELECT} WHERE n.key IN (?, ?) LIMIT {MOST_MATCHES}", key, tail(key))
        elif _LOCAL.fullmatch(key):
            rows = await reader.fetch(f"{_SELECT} WHERE n.tail = ? LIMIT {MOST_MATCHES}", key)
        else:
            rows = await reader.fetch(f"{_SELECT} WHERE n.key = ? LIMIT {MOST_MATCHES}", key)
        return _ranked(_match(row, row[0] == key) for row in rows if row[0] == key or _same_area(row[0], key))


def _same_area(one: str, other: str) -> bool:
    """Both may be one fixed number: one is written with its area code, the other without."""
    local, full = (one, other) if _LOCAL.fullmatch(one) else (other, one)
    return bool(_LOCAL.fullmatch(local) and _FIXED.fullmatch(full))


def _ranked(matches: Iterable[Match]) -> tuple[Match, ...]:
    once: dict[str, Match] = {}
    for match in sorted(matches, key=_rank):
        once.setdefault(match.id, match)
    return tuple(once.values())


def _rank(match: Match) -> tuple[Any, ...]:
    return not match.sure, not match.vip, match.kind != "person", -match.changed_at, match.id


def _match(row: tuple[Any, ...], sure: bool) -> Match:
    _, number_kind, label, party_id, kind, name, company, tier, changed_at = row
    return Match(party_id, kind, name, company, tier, number_kind, label, sure, changed_at)
