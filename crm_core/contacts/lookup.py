"""Who is this? All parties of a number, ranked, in one query on the indexed number table.

A number is compared by its key (``cti.live.numbers.match_key``), never by its text. Who withheld his number and
extensions have no key, so they match nobody. Matches with ``sure`` have the very key; a fixed number that was written
without its area code may be the caller's too, and is offered after them as a maybe. Mobiles have no maybe.

Neighbours: ``store`` writes the table; pops and lists of calls ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from crm_core.contacts.model import PartyKind
from cti.kernel.actor import Actor
from cti.kernel.db import Database
from cti.live.numbers import tail

MOST_MATCHES = 1_000
"""A number that more parties share than this tells nothing about any of them."""

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

    async def who(self, actor: Actor, key: str | None, limit: int = 10) -> tuple[Match, ...]:
        """Everybody who has this number, the likeliest first: sure before maybe, VIPs, people before companies, then
        who was changed last. Nobody for None."""
        actor.require("contacts.view")
        if not key:
            return ()
        return (await self._asked(key))[:limit]

    async def who_many(self, keys: Iterable[str | None]) -> dict[str, tuple[Match, ...]]:
        """For lists, in one query: who surely has each key that somebody has. The caller checks what his actor may
        see."""
        wanted = list(dict.fromkeys(key for key in keys if key))
        if not wanted:
            return {}
        found: dict[str, list[Match]] = {}
        for row in await self._database.quick.fetch_in(f"{_SELECT} WHERE n.key IN (?)", wanted):
            found.setdefault(row[0], []).append(_match(row, True))
        return {key: _ranked(matches) for key, matches in found.items()}

    async def everybody(self, keys: Iterable[str | None]) -> dict[str, tuple[Match, ...]]:
        """As ``who`` for many keys at once, in at most two queries. The caller checks what his actor may see."""
        wanted = list(dict.fromkeys(key for key in keys if key))
        local = [key for key in wanted if _LOCAL.fullmatch(key)]
        asked = list(dict.fromkeys([*wanted, *(tail(key) for key in wanted if _FIXED.fullmatch(key))]))
        rows: list[Any] = []
        if asked:
            rows += await self._database.quick.fetch_in(f"{_SELECT} WHERE n.key IN (?)", asked)
        if local:
            rows += await self._database.quick.fetch_in(f"{_SELECT} WHERE n.tail IN (?)", local)
        by_tail: dict[str, list[Any]] = {}
        for row in rows:
            by_tail.setdefault(tail(row[0]), []).append(row)
        found = {key: _matches(key, by_tail.get(tail(key), ())) for key in wanted}
        return {key: matches for key, matches in found.items() if matches}

    async def _asked(self, key: str) -> tuple[Match, ...]:
        """One query: each branch is a walk along an index."""
        reader = self._database.quick
        if _FIXED.fullmatch(key):
            rows = await reader.fetch(f"{_SELECT} WHERE n.key IN (?, ?) LIMIT {MOST_MATCHES}", key, tail(key))
        elif _LOCAL.fullmatch(key):
            rows = await reader.fetch(f"{_SELECT} WHERE n.tail = ? LIMIT {MOST_MATCHES}", key)
        else:
            rows = await reader.fetch(f"{_SELECT} WHERE n.key = ? LIMIT {MOST_MATCHES}", key)
        return _matches(key, rows)


def _matches(key: str, rows: Iterable[Any]) -> tuple[Match, ...]:
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
