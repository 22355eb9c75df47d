"""Who called since when: the caller's number and the start of each inbound call, oldest first, for who counts them.

A whole day is read at once, so of each record only this is decoded. Neighbours: ``search`` gives whole records,
``cti.app.alerts`` counts.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import msgspec
import sqlalchemy as sa

from call_log.model import call
from cti.kernel.db import Database

AT_ONCE = 500
"""Calls in one read: between two others have their turn."""


class _Caller(msgspec.Struct):
    number: str | None = None


class Came(msgspec.Struct, frozen=True):
    """An inbound call (its id). ``at``: epoch seconds."""

    call: str
    number: str
    at: float


class _Call(msgspec.Struct):
    caller: _Caller


_decode = msgspec.json.Decoder(_Call).decode


async def came(database: Database, since: float) -> AsyncIterator[Sequence[Came]]:
    """The calls from known numbers since a moment (epoch seconds), as many as one read gives at a time."""
    after = (since, "")
    while True:
        async with database.read() as reader:
            rows = await reader.core(_since(after))
        numbers = [(row[0], _decode(row[2]).caller.number, row[1]) for row in rows]
        yield [Came(id_, number, at) for id_, number, at in numbers if number]
        if len(rows) < AT_ONCE:
            return
        after = (rows[-1][1], rows[-1][0])


def _since(after: tuple[float, str]) -> sa.Select[tuple[str, float, str]]:
    at, id_ = after
    later = sa.or_(call.c.started_at > at, sa.and_(call.c.started_at == at, call.c.id > id_))
    return (
        sa.select(call.c.id, call.c.started_at, call.c.record)
        .where(call.c.started_at >= at, later, call.c.kind == "call", call.c.direction == "inbound")
        .order_by(call.c.started_at, call.c.id)
        .limit(AT_ONCE)
    )
