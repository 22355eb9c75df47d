"""Lists of calls, newest first, page by page: each page costs the same however deep it lies.

A page begins after the last call of the one before (keyset), so calls that come in meanwhile neither
shift nor repeat anything. Agent and queue walk a key that is already in the right order, several agents one walk each,
merged; a number names few calls, which are sorted.

Neighbours: ``query`` defines what can be asked, ``model`` the tables, ``web`` asks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from call_log.model import (
    agent_tag,
    call,
    call_alias,
    call_number,
    call_tag,
    decode_record,
    key,
    phone_tag,
    queue_tag,
    significant_digits,
    user_tag,
)
from call_log.query import CallFilter, CallTotals, Page, Scope
from call_log.store import handled_since
from cti.kernel.db import Database, Reader
from cti.kernel.errors import InvalidError
from cti.live.record import CallRecord

SHORTEST_NUMBER = 3
LARGEST_PAGE = 500
RARE_DIGITS = 7
"""So many digits name few calls, which are sorted. Fewer may name most of them: those are met while walking back."""
FEW = 2_000
MOST_WALKS = 200
"""More agents than this are looked up call by call (SQLite takes 500 parts in one statement)."""


Whose = tuple[tuple[str, float | None], ...]
"""Tags of which a call has one; of those with a moment (epoch seconds) only calls from before that count."""


class CallSearch:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._since: float | None = None

    async def _whose(self, wanted: CallFilter) -> Whose:
        """The tags of whose calls are wanted, each with the moment up to which it counts."""
        if wanted.scope is None:
            return ()
        if self._since is None:
            async with self._database.read() as reader:
                self._since = await handled_since(reader)
        return whose(wanted.scope, self._since)

    async def page(self, wanted: CallFilter, cursor: str | None = None, limit: int = 50) -> Page[CallRecord]:
        """One page of the calls that ``wanted`` describes; ``cursor`` is the ``next`` of the page before.

        Raises ``InvalidError`` for a cursor that is none of ours, or a number of too few digits.
        """
        limit = max(1, min(limit, LARGEST_PAGE))
        before = None if cursor is None else _read_cursor(cursor)
        scope = await self._whose(wanted)
        async with self._database.read() as reader:
            common = wanted.number is not None and await _common(reader, wanted)
            rows = await reader.core(_newest(wanted, limit + 1, before, common, scope))
        more = _cursor(*rows[limit - 1][:2]) if len(rows) > limit else None
        return Page(tuple(decode_record(row[2]) for row in rows[:limit]), more)

    async def count(self, wanted: CallFilter) -> int:
        """How many calls ``wanted`` describes."""
        scope = await self._whose(wanted)
        async with self._database.read() as reader:
            rows = await reader.core(_Walk(wanted, scope).select(sa.func.count()))
        return int(rows[0][0])

    async def totals(self, wanted: CallFilter) -> CallTotals:
        """What the calls that ``wanted`` describes come to."""
        inbound = call.c.direction == "inbound"
        answered = call.c.outcome == "answered"
        statement = _Walk(wanted, await self._whose(wanted)).select(
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


async def _common(reader: Reader, wanted: CallFilter) -> bool:
    """True if so many calls have the number that sorting them would cost more than meeting some on the way back."""
    if wanted.whole or len(significant_digits(wanted.number or "")) >= RARE_DIGITS:
        return False
    some = _with_number(wanted.number or "", False).limit(FEW).subquery()
    return bool((await reader.core(sa.select(sa.func.count()).select_from(some)))[0][0] == FEW)


def whose(scope: Scope, since: float) -> Whose:
    """The tags of the calls of these people: those of the users, those of the phones of which nobody knows who worked
    there; and from before that was written down, those of the phones."""
    forever = [user_tag(user) for user in scope.users] + [phone_tag(phone) for phone in scope.phones]
    before = [agent_tag(phone) for phone in scope.phones]
    return tuple([(tag, None) for tag in forever] + [(tag, since) for tag in before])


def _newest(
    wanted: CallFilter, count: int, before: tuple[float, str] | None, common: bool, scope: Whose
) -> sa.Select[*tuple[Any, ...]]:
    """The first calls that ``wanted`` describes: start, id, record. ``common``: many have the number."""
    columns = call.c.started_at, call.c.id, call.c.record
    alone = wanted.number is None and wanted.agent is None and wanted.queue is None
    tags: Whose = (
        scope if wanted.scope else tuple((agent_tag(agent), None) for agent in sorted(set(wanted.agents or ())))
    )
    if not alone or not 0 < len(tags) <= MOST_WALKS:
        return _Walk(wanted, scope, common).newest(count, before, *columns)
    rest = msgspec.structs.replace(wanted, scope=None, agents=wanted.agents if wanted.scope else None)
    each = [_Walk(rest, (), along=tag).newest(count, before, call_tag.c.started_at, call_tag.c.call_id) for tag in tags]
    merged = sa.union(*(sa.select(walk.subquery()) for walk in each)).subquery()
    newest = sa.select(merged).order_by(merged.c.started_at.desc(), merged.c.call_id.desc()).limit(count).subquery()
    statement = sa.select(*columns).join_from(newest, call, call.c.id == newest.c.call_id)
    return statement.order_by(newest.c.started_at.desc(), newest.c.call_id.desc())


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)


class _Walk:
    """The way through the tables to the calls that are wanted, newest first.

    With an agent or a queue it leads along ``call_tag``, whose key is in that order already; else along the
    calls themselves. ``started_at`` and ``call_id`` are the columns that it is in the order of.
    """

    def __init__(
        self, wanted: CallFilter, scope: Whose, common: bool = False, along: tuple[str, float | None] | None = None
    ) -> None:
        self._wanted, self._common, self._scope = wanted, common, scope
        tags = [*_given(wanted.agent, agent_tag), *_given(wanted.queue, queue_tag)]
        self._along: str | None
        self._until: float | None = None
        if along is not None:
            self._along, self._until = along
        else:
            self._along = tags.pop(0) if tags and wanted.number is None else None
        self._also = tags
        self.started_at = call.c.started_at if self._along is None else call_tag.c.started_at
        self.call_id = call.c.id if self._along is None else call_tag.c.call_id

    def newest(
        self, count: int, before: tuple[float, str] | None, *columns: sa.ColumnElement[Any]
    ) -> sa.Select[*tuple[Any, ...]]:
        """These columns of the first ``count`` calls (after the one at ``before``)."""
        statement = self.select(*columns).order_by(self.started_at.desc(), self.call_id.desc()).limit(count)
        if before is None:
            return statement
        return statement.where(sa.tuple_(self.started_at, self.call_id) < sa.tuple_(*before))

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
                yield call.c[name] == (key(value) if isinstance(value, str) else value)
        if wanted.min_seconds is not None:
            yield call.c.talk_seconds >= wanted.min_seconds
        if wanted.number is not None:
            numbered = _with_number(wanted.number, wanted.whole)
            if self._common:
                # As a value, and not IN or EXISTS: those a planner may turn around, and then sort millions.
                of_call = numbered.where(call_number.c.call_id == call.c.id).correlate(call).limit(1)
                yield of_call.scalar_subquery() == call.c.id
            else:
                yield call.c.id.in_(numbered)
        if wanted.ids is not None:
            yield call.c.id.in_(wanted.ids)
        if wanted.agents is not None:
            yield self._tagged_any(tuple((agent_tag(agent), None) for agent in set(wanted.agents)))
        if wanted.scope is not None:
            yield self._tagged_any(self._scope)

    def _tagged_any(self, tags: Whose) -> sa.ColumnElement[bool]:
        """The call has one of these tags, of those that count only up to a moment from before it."""
        parts = {until: [tag for tag, end in tags if end == until] for until in {until for _, until in tags}}
        each = [
            sa.and_(call_tag.c.tag.in_(some), *([] if until is None else [call_tag.c.started_at < until]))
            for until, some in parts.items()
        ]
        of_one = sa.select(call_tag.c.call_id).where(sa.or_(sa.false(), *each))
        if self._wanted.start is not None:
            of_one = of_one.where(call_tag.c.started_at >= self._wanted.start)
        if self._wanted.end is not None:
            of_one = of_one.where(call_tag.c.started_at < self._wanted.end)
        return call.c.id.in_(of_one.correlate(None))

    def _of_time(self) -> Iterator[sa.ColumnElement[bool]]:
        if self._wanted.start is not None:
            yield self.started_at >= self._wanted.start
        if self._wanted.end is not None:
            yield self.started_at < self._wanted.end
        if self._until is not None:
            yield self.started_at < self._until


def _given(value: str | None, tag: Callable[[str], str]) -> Iterator[str]:
    if value is not None:
        yield tag(value)


def _tagged(tag: str) -> sa.ColumnElement[bool]:
    """The call has this tag: a look-up by the whole key."""
    other = call_tag.alias()
    columns = other.c.tag == tag, other.c.started_at == call.c.started_at, other.c.call_id == call.c.id
    return sa.select(other.c.tag).where(*columns).exists()


def _with_number(typed: str, whole: bool) -> sa.Select[tuple[str]]:
    digits = significant_digits(typed)
    if len(digits) < SHORTEST_NUMBER:
        raise InvalidError(f"number: at least {SHORTEST_NUMBER} digits are needed")
    if whole:
        return sa.select(call_number.c.call_id).where(call_number.c.digits == digits)
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
        return float(started_at), key(call_id) or ""
    except (ValueError, binascii.Error) as error:
        raise InvalidError("cursor: not one of ours") from error
