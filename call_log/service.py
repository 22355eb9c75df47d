"""The call log as one user may see it: which calls exist for him, and his view of their numbers.

Who has ``calls.view_all`` sees every call, ``calls.view_team`` those of his teams, ``calls.view`` his own; any other
does not exist for him. A call is theirs who worked at its phones when they rang; where nobody knows that, theirs who
have those phones now. Without ``numbers.view`` numbers are masked
and found by the whole number only, or they could be guessed digit by digit.

Neighbours: ``search``, ``store`` and ``ledger`` answer, ``web`` asks, ``cti.app`` says who is in a team.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol

import msgspec

from call_log.model import AGENT, tags
from call_log.query import CallFilter, CallTotals, Difference, Figures, Missed, Scope, TruthDay
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, NotFoundError
from cti.kernel.paging import Page
from cti.live.masking import mask_in, mask_record
from cti.live.record import CallRecord

VIEWS = ("calls.view_all", "calls.view_team", "calls.view")
VIEW = "|".join(reversed(VIEWS))
"""What a page or an operation over calls asks for."""
EXPORT_BATCH = 500
LONGEST_ID = 300

Written = Callable[[str | None, str | None], str]
"""(E.164 or None, raw or None) as people write it."""
Mates = Callable[[Actor], Awaitable[Scope]]
"""Everybody in an actor's teams: ids and extensions."""


Handled = tuple[frozenset[str], frozenset[str]]
"""Whose a call is: the users who worked at its phones, and the phones of which nobody knows who did."""


class Log(Protocol):
    """The call log's own questions (``search`` and ``store``)."""

    async def page(self, wanted: CallFilter, cursor: str | None = None, limit: int = 50) -> Page[CallRecord]: ...

    async def totals(self, wanted: CallFilter) -> CallTotals: ...

    async def get(self, call_id: str) -> CallRecord | None: ...

    async def handled(self, call_id: str) -> Handled | None: ...

    async def figures(self, scope: Scope, start: float, end: float) -> Figures: ...

    async def unreturned(self, scope: Scope, queues: Sequence[str], start: float) -> list[Missed]: ...


class Truth(Protocol):
    """How the log compares with the PBX's own records (``ledger``)."""

    async def days(self, pbx: str, newest: str, count: int = 31) -> Sequence[TruthDay]: ...

    async def day_differences(self, pbx: str, day: str) -> Sequence[Difference]: ...

    async def differences_of(self, call_id: str) -> Sequence[Difference]: ...

    async def confirmed_at(self, call_id: str) -> float | None: ...


class Calls:
    """``log``: what it narrows, for the product's own use."""

    def __init__(self, log: Log, written: Written, mates: Mates) -> None:
        self.log, self._written, self._mates = log, written, mates

    async def page(
        self, actor: Actor, wanted: CallFilter, cursor: str | None = None, limit: int = 50
    ) -> Page[CallRecord]:
        """Newest first; ``cursor`` is ``Page.next`` of the page before. InvalidError: a bad cursor or number."""
        page = await self.log.page(await self._narrowed(actor, wanted), cursor, limit)
        return Page(tuple(self._view(actor, record) for record in page.items), page.next)

    async def totals(self, actor: Actor, wanted: CallFilter) -> CallTotals:
        """What those of the calls that he may see come to."""
        return await self.log.totals(await self._narrowed(actor, wanted))

    async def get(self, actor: Actor, call_id: str) -> CallRecord:
        """The record; for the id of a call that became part of another, the surviving one. NotFoundError where there
        is none, or none for him."""
        scope = await self._scope(actor)
        record = await self.log.get(call_id) if len(call_id) <= LONGEST_ID and "\0" not in call_id else None
        if record is None or not await self._among(record, scope):
            raise NotFoundError(N_("There is no call %(id)s."), id=repr(call_id[:80]))
        return self._view(actor, record)

    async def shown(self, actor: Actor, record: CallRecord) -> CallRecord | None:
        """A record that is known from elsewhere (a call that is up) as he may see it; None if it is none of his."""
        return self._view(actor, record) if await self._among(record, await self._scope(actor)) else None

    async def own(
        self, actor: Actor, wanted: CallFilter, cursor: str | None = None, limit: int = 50
    ) -> Page[CallRecord]:
        """As ``page``, but only those that the actor had a part in himself, whatever else he may see."""
        actor.require_any("desk.use", *VIEWS)
        mine = msgspec.structs.replace(wanted, scope=own_scope(actor))
        page = await self.log.page(mine, cursor, limit)
        return Page(tuple(self._view(actor, record) for record in page.items), page.next)

    async def figures(self, actor: Actor, start: float, end: float) -> Figures:
        """What the actor's own calls of this time come to."""
        actor.require_any("desk.use", *VIEWS)
        return await self.log.figures(own_scope(actor), start, end)

    async def unreturned(self, actor: Actor, queues: Sequence[str], start: float) -> list[Missed]:
        """The numbers that called in vain since ``start``, at the actor's phones or by these queues of his, and that
        nobody has talked with since."""
        actor.require_any("desk.use", *VIEWS)
        found = await self.log.unreturned(own_scope(actor), queues, start)
        return [msgspec.structs.replace(one, record=self._view(actor, one.record)) for one in found]

    async def export(self, actor: Actor, wanted: CallFilter) -> AsyncIterator[Sequence[CallRecord]]:
        """Every call that matches, newest first, batch by batch. Asks for the permission before the first."""
        actor.require("calls.export")
        page = await self.page(actor, wanted, None, EXPORT_BATCH)
        return self._batches(actor, wanted, page)

    async def _batches(
        self, actor: Actor, wanted: CallFilter, page: Page[CallRecord]
    ) -> AsyncIterator[Sequence[CallRecord]]:
        yield page.items
        while page.next is not None:
            page = await self.page(actor, wanted, page.next, EXPORT_BATCH)
            yield page.items

    async def _scope(self, actor: Actor) -> Scope | None:
        """Whose calls he may see; None: everybody's."""
        actor.require()
        actor.require_any(*reversed(VIEWS))
        if actor.may("calls.view_all"):
            return None
        own = own_scope(actor)
        if not actor.may("calls.view_team"):
            return own
        mates = await self._mates(actor)
        return Scope(
            tuple(sorted({*own.users, *mates.users})),
            tuple(sorted({*own.phones, *mates.phones})),
        )

    async def _narrowed(self, actor: Actor, wanted: CallFilter) -> CallFilter:
        scope = await self._scope(actor)
        whole = wanted.whole or not actor.may("numbers.view")
        return msgspec.structs.replace(wanted, whole=whole, scope=scope)

    async def _among(self, record: CallRecord, scope: Scope | None) -> bool:
        if scope is None:
            return True
        handled = await self.log.handled(record.id)
        if handled is None:  # it is not in the log yet
            handled = frozenset(), frozenset(tag.removeprefix(AGENT) for tag in tags(record) if tag.startswith(AGENT))
        users, phones = handled
        return not (users.isdisjoint(scope.users) and phones.isdisjoint(scope.phones))

    def _view(self, actor: Actor, record: CallRecord) -> CallRecord:
        return record if actor.may("numbers.view") else mask_record(record, self._written)


class Truths:
    """The comparisons with the PBX's own records: for who has ``truth.view``; what there is of one call, for him too
    who may see that call."""

    def __init__(self, truth: Truth) -> None:
        self._truth = truth

    async def days(self, actor: Actor, pbx: str, newest: str, count: int = 31) -> Sequence[TruthDay]:
        """``count`` days back from ``newest`` (``YYYY-MM-DD``), that one first."""
        actor.require("truth.view")
        return await self._truth.days(pbx, newest, count)

    async def day_differences(self, actor: Actor, pbx: str, day: str) -> Sequence[Difference]:
        """All that were ever found for one day, repaired or not."""
        actor.require("truth.view")
        return [_masked(actor, difference) for difference in await self._truth.day_differences(pbx, day)]

    async def differences_of(self, actor: Actor, call_id: str) -> Sequence[Difference]:
        """All that were ever found for one call; none for who may not look into the truth."""
        actor.require()
        if not actor.may("truth.view"):
            return ()
        return [_masked(actor, difference) for difference in await self._truth.differences_of(call_id)]

    async def confirmed_at(self, actor: Actor, call_id: str) -> float | None:
        """When the PBX's truth was last seen to hold this call too; None: never compared, or not in it."""
        actor.require_any(*reversed(VIEWS))
        return await self._truth.confirmed_at(call_id)


def own_scope(actor: Actor) -> Scope:
    """The actor's own calls."""
    return Scope((actor.id,), tuple(sorted(actor.extensions)))


_OF_NUMBERS = frozenset(("raw", "name", "endpoint", "extension", "from", "to", "recordings", "digits", "conference"))


def _masked(actor: Actor, difference: Difference) -> Difference:
    if actor.may("numbers.view"):
        return difference
    fields = {name: (_hidden(ours, name), _hidden(theirs, name)) for name, (ours, theirs) in difference.fields.items()}
    return msgspec.structs.replace(difference, fields=fields)


def _hidden(value: Any, name: str) -> Any:
    """A value of a record, as plain JSON, with the numbers in it masked."""
    if isinstance(value, dict):
        return {key: None if key == "number" else _hidden(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(part, name) for part in value]
    return mask_in(value) if isinstance(value, str) and name in _OF_NUMBERS else value
