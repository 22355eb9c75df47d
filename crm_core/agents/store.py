"""The SQL of agents: their states, and what happened to them. Neighbour: ``model`` has the tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from crm_core.agents.model import agent_event, agent_state
from cti.kernel.db import Reader, Transaction
from cti.live.agents import Kept, Noted

_kept = msgspec.json.Decoder(Kept).decode


async def states(reader: Reader) -> dict[str, Kept]:
    """Every agent who was ever signed in, by user."""
    return {row[0]: _kept(row[1]) for row in await reader.fetch("SELECT user_id, body FROM agent_state")}


async def write(tx: Transaction, states: Mapping[str, Kept], noted: Mapping[str, Noted], at: float) -> None:
    """What agents are now, and what happened to them, by id: what is there already is not written twice."""
    await tx.executemany("DELETE FROM agent_state WHERE user_id = ?", [(user,) for user in states])
    rows = [(user, msgspec.json.encode(kept).decode(), at) for user, kept in states.items()]
    await tx.insert(agent_state, rows)
    await tx.insert(
        agent_event,
        [(id_, n.user, n.at, n.kind, n.reason, n.call, n.queue, n.by) for id_, n in noted.items()],
        end=" ON CONFLICT (id) DO NOTHING",
    )


async def events(reader: Reader, users: Iterable[str], since: float, until: float) -> tuple[Noted, ...]:
    """What happened to these users in a time, in order."""
    rows = await reader.fetch_in(
        "SELECT user_id, at, kind, reason, call, queue, by_user, id FROM agent_event WHERE user_id IN (?)"
        f" AND at >= {float(since)!r} AND at < {float(until)!r}",
        tuple(users),
    )
    return tuple(Noted(*row[:7]) for row in sorted(rows, key=lambda row: (row[1], row[7])))


_ANCHORED = (
    "SELECT s.user_id, (SELECT e.at FROM agent_event AS e WHERE e.user_id = s.user_id AND e.at < ?"
    " AND e.kind IN ('ready', 'sign_out') ORDER BY e.at DESC LIMIT 1) FROM agent_state AS s"
)


async def notes(reader: Reader, start: float, end: float) -> tuple[Noted, ...]:
    """What happened to everybody in a time, and before it as far as it takes to know how each began it: whoever works
    through midnight is not signed off by it."""
    found: list[tuple[Any, ...]] = []
    async for rows in _rows(reader, start, end):
        found += rows
    return await asyncio.to_thread(_in_order, found)  # of many agents a second's work


async def notes_of_each(reader: Reader, start: float, end: float) -> AsyncIterator[tuple[Noted, ...]]:
    """The same of one agent after the other, so that those of all are never in memory at once."""
    async for rows in _rows(reader, start, end):
        if rows:
            yield await asyncio.to_thread(_in_order, rows)


async def _rows(reader: Reader, start: float, end: float) -> AsyncIterator[Sequence[tuple[Any, ...]]]:
    for user, anchor in await reader.fetch(_ANCHORED, start):
        yield await reader.fetch(_SINCE, user, 0.0 if anchor is None else anchor, end)


def _in_order(rows: Sequence[tuple[Any, ...]]) -> tuple[Noted, ...]:
    return tuple(Noted(*row[:7]) for row in sorted(rows, key=lambda row: (row[1], row[7])))


_SINCE = (
    "SELECT user_id, at, kind, reason, call, queue, by_user, id FROM agent_event"
    " WHERE user_id = ? AND at >= ? AND at < ?"
)
