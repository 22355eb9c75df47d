"""Lists of calls, newest first, page by page: each page costs the same however deep it lies.

A page begins after the last call of the one before (keyset), so calls that come in meanwhile neither
shift nor repeat anything. Agent and queue walk a key that is already in the right order; a number names few
calls, which are sorted.

Neighbours: ``query`` defines what can be asked, ``model`` the tables, ``web`` asks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from call_log.model import (
    agent_tag,
    call,
    call_alias,
    call_number,
    call_tag,
    decode_record,
    queue_tag,
    significant_digits,
)
from call_log.query import CallFilter, CallTotals, Page
from cti.kernel.db import Database
from cti.kernel.errors import InvalidError
from cti.live.record import CallRecord

SHORTEST_NUMBER = 3
LARGEST_PAGE = 500


class CallSearch:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, wanted: CallFilter, cursor: str | None = None, limit: int = 50) -> Page[CallRecord]:
        """One page of the calls that ``wanted`` describes; ``cursor`` is the ``next`` of the page before.

        Raises ``InvalidError`` for a cursor that is none of ours, or a number of too few digits.
        """
        limit = max(1, min(limit, LARGEST_PAGE))
        walk = _Walk(wanted)
        statement = walk.select(call.c.started_at, call.c.id, call.c.record)
        statement = statement.order_by(walk.started_at.desc(), walk.call_id.desc()).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(sa.tuple_(walk.started_at, walk.call_id) < sa.tuple_(*_read_cursor(cursor)))
        async with self._database.read() as reader:
            rows = await reader.core(statement)
        more = _cursor(*rows[limit - 1][:2]) if len(rows) > limit else None
        return Page(tuple(decode_record(row[2]) for row in rows[:limit]), more)

    async def count(self, wanted: CallFilter) -> int:
        """How many calls ``wanted`` describes."""
        async with self._database.read() as reader:
            rows = await reader.core(_Walk(wanted).select(sa.func.count()))
        return int(rows[0][0])

    async def totals(self, wanted: CallFilter) -> CallTotals:
        """What the calls that ``wanted`` describes come to."""
        inbound = call.c.direction == "inbound"
        answered = call.c.outcome == "answered"
        statement = _Walk(wanted).select(
            sa.func.count(),
            _count(inbound),
            _count(answered),
            _count(call.c.outcome == "abandoned"),
            sa.func.coalesce(sa.func.sum(call.c.talk_seconds), 0.0),
            sa.func.avg(sa.case((sa.and_(inbound, answered), call.c.wait_seconds))),
        )
        async with self._database.read() as reader:
            row = (await reader.core(statement))[0]
        wait = None if row[5] is None else float(row[5])
        return CallTotals(int(row[0]), int(row[1]), int(row[2]), int(row[3]), float(row[4]), wait)

    async def resolve(self, call_id: str) -> str:
        """The id under which this call is in the log now: its own, or that of the call it was merged into."""
        async with self._database.read() as reader:
            rows = await reader.core(sa.select(call_alias.c.survivor).where(call_alias.c.gone == call_id))
        return str(rows[0][0]) if rows else call_id


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


class _Walk:
    """The way through the tables to the calls that are wanted, newest first.

    With an agent or a queue it leads along ``call_tag``, whose key is in that order already; else along the
    calls themselves. ``started_at`` and ``call_id`` are the columns that it is in the order of.
    """

    def __init__(self, wanted: CallFilter) -> None:
        self._wanted = wanted
        tags = [*_given(wanted.agent, agent_tag), *_given(wanted.queue, queue_tag)]
        self._along = tags.pop(0) if tags and wanted.number is None else None
        self._also = tags
        self.started_at = call.c.started_at if self._along is None else call_tag.c.started_at
        self.call_id = call.c.id if self._along is None else call_tag.c.call_id

    def select(self, *columns: sa.ColumnElement[Any]) -> sa.Select[*tuple[Any, ...]]:
        """These columns of the calls."""
        statement = sa.select(*columns).where(*self._of_call(), *self._of_time(), *map(_tagged, self._also))
        if self._along is None:
            return statement.select_from(call)
        way = call_tag.join(call, call.c.id == call_tag.c.call_id)
        return statement.select_from(way).where(call_tag.c.tag == self._along)

    def _of_call(self) -> Iterator[sa.ColumnElement[bool]]:
        wanted = self._wanted
        for name in ("kind", "outcome", "direction", "pbx", "provisional"):
            value = getattr(wanted, name)
            if value is not None:
                yield call.c[name] == value
        if wanted.min_seconds is not None:
            yield call.c.talk_seconds >= wanted.min_seconds
        if wanted.number is not None:
            yield call.c.id.in_(_with_number(wanted.number))

    def _of_time(self) -> Iterator[sa.ColumnElement[bool]]:
        if self._wanted.start is not None:
            yield self.started_at >= self._wanted.start
        if self._wanted.end is not None:
            yield self.started_at < self._wanted.end


def _given(value: str | None, tag: Callable[[str], str]) -> Iterator[str]:
    if value is not None:
        yield tag(value)


def _tagged(tag: str) -> sa.ColumnElement[bool]:
    """The call has this tag: a look-up by the whole key."""
    other = call_tag.alias()
    columns = other.c.tag == tag, other.c.started_at == call.c.started_at, other.c.call_id == call.c.id
    return sa.select(other.c.tag).where(*columns).exists()


def _with_number(typed: str) -> sa.Select[tuple[str]]:
    digits = significant_digits(typed)
    if len(digits) < SHORTEST_NUMBER:
        raise InvalidError(f"number: at least {SHORTEST_NUMBER} digits are needed")
    return sa.select(call_number.c.call_id).where(
        sa.or_(_begins(call_number.c.digits, digits), _begins(call_number.c.reversed, digits[::-1]))
    )


def _begins(column: sa.Column[str], digits: str) -> sa.ColumnElement[bool]:
    # ":" follows "9", so this is the range of all texts that begin so: an index range on both databases.
    return sa.and_(column >= digits, column < digits + ":")


def _cursor(started_at: float, call_id: str) -> str:
    return base64.urlsafe_b64encode(f"{started_at!r} {call_id}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[float, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        started_at, _, call_id = text.partition(" ")
        return float(started_at), call_id
    except (ValueError, binascii.Error) as error:
        raise InvalidError("cursor: not one of ours") from error
