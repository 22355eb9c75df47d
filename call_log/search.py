"""Lists of calls, newest first, page by page: each page costs the same however deep it lies.

A page begins after the last call of the one before (keyset), so calls that come in meanwhile neither
shift nor repeat anything. Agent and queue walk an index that is already in the right order; a number
names few calls, which are sorted.

Neighbours: ``query`` defines what can be asked, ``model`` the tables, ``web`` asks.
"""

from __future__ import annotations

import base64
import binascii

import sqlalchemy as sa

from call_log.model import (
    call,
    call_alias,
    call_number,
    decode_record,
    key,
    leg,
    queue_wait,
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
        statement = _select(wanted, sa.select(call.c.started_at, call.c.id, call.c.record))
        statement = statement.order_by(call.c.started_at.desc(), call.c.id.desc()).limit(limit + 1)
        if cursor is not None:
            started_at, call_id = _read_cursor(cursor)
            statement = statement.where(sa.tuple_(call.c.started_at, call.c.id) < sa.tuple_(started_at, call_id))
        async with self._database.read() as reader:
            rows = await reader.core(statement)
        more = _cursor(*rows[limit - 1][:2]) if len(rows) > limit else None
        return Page(tuple(decode_record(row[2]) for row in rows[:limit]), more)

    async def count(self, wanted: CallFilter) -> int:
        """How many calls ``wanted`` describes."""
        async with self._database.read() as reader:
            rows = await reader.core(_select(wanted, sa.select(sa.func.count()).select_from(call)))
        return int(rows[0][0])

    async def totals(self, wanted: CallFilter) -> CallTotals:
        """What the calls that ``wanted`` describes come to."""
        inbound = call.c.direction == "inbound"
        answered = call.c.outcome == "answered"
        statement = sa.select(
            sa.func.count(),
            _count(inbound),
            _count(answered),
            _count(call.c.outcome == "abandoned"),
            sa.func.coalesce(sa.func.sum(call.c.talk_seconds), 0.0),
            sa.func.avg(sa.case((sa.and_(inbound, answered), call.c.wait_seconds))),
        ).select_from(call)
        async with self._database.read() as reader:
            row = (await reader.core(_select(wanted, statement)))[0]
        wait = None if row[5] is None else float(row[5])
        return CallTotals(int(row[0]), int(row[1]), int(row[2]), int(row[3]), float(row[4]), wait)

    async def resolve(self, call_id: str) -> str:
        """The id under which this call is in the log now: its own, or that of the call it was merged into."""
        async with self._database.read() as reader:
            rows = await reader.core(sa.select(call_alias.c.survivor).where(call_alias.c.gone == call_id))
        return str(rows[0][0]) if rows else call_id


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


def _select(wanted: CallFilter, statement: sa.Select[*tuple[object, ...]]) -> sa.Select[*tuple[object, ...]]:
    """``statement`` on ``call`` narrowed to what is wanted."""
    equal = {
        call.c.kind: wanted.kind,
        call.c.outcome: wanted.outcome,
        call.c.direction: wanted.direction,
        call.c.pbx: wanted.pbx,
        call.c.provisional: wanted.provisional,
    }
    conditions: list[sa.ColumnElement[bool]] = [c == value for c, value in equal.items() if value is not None]
    if wanted.start is not None:
        conditions.append(call.c.started_at >= wanted.start)
    if wanted.end is not None:
        conditions.append(call.c.started_at < wanted.end)
    if wanted.min_seconds is not None:
        conditions.append(call.c.talk_seconds >= wanted.min_seconds)
    conditions += _of_others(wanted)
    return statement.where(*conditions)


def _of_others(wanted: CallFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.number is not None:
        found.append(call.c.id.in_(_with_number(wanted.number)))
    if wanted.agent is not None:
        column = leg.c.endpoint if "/" in wanted.agent else leg.c.extension
        mine = sa.select(leg.c.call_id).where(leg.c.call_id == call.c.id, column == key(wanted.agent))
        found.append(mine.where(sa.not_(leg.c.outside)).exists())
    if wanted.queue is not None:
        visit = sa.select(queue_wait.c.call_id).where(queue_wait.c.call_id == call.c.id)
        found.append(
            sa.or_(call.c.queue == wanted.queue, visit.where(queue_wait.c.queue == key(wanted.queue)).exists())
        )
    return found


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
