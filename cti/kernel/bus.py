"""The bus: what one part of the product publishes, the parts above it and beside it hear, in order.

Each subscriber has a bounded queue and a task of its own, so one that is slow or that raises can
neither block nor break another. ``publish`` never awaits. When a queue is full its oldest event is
dropped and counted, and the subscriber is told how many it missed (``on_gap``) before it gets the
next one, so that it can ask for a snapshot: a gap is never silent.

In process only; a bus between processes carries the same classes and stands beside this one.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

log = logging.getLogger(__name__)

E = TypeVar("E")
Handler = Callable[[E], Awaitable[None] | None]
Kinds = type[E] | tuple[type[E], ...]

DEFAULT_LIMIT = 10_000


class Subscription:
    """One subscriber: its queue, its task and its counts (all monotonic, for the metrics)."""

    def __init__(
        self,
        name: str,
        kinds: tuple[type, ...],
        deliver: Callable[[list[Any]], Awaitable[None] | None],
        *,
        limit: int,
        batch: int,
        on_gap: Callable[[int], None] | None,
    ) -> None:
        self.name, self.kinds, self.limit = name, kinds, limit
        self.handled = self.failed = self.dropped = 0
        self._deliver, self._batch, self._on_gap = deliver, batch, on_gap
        self._queue: deque[Any] = deque()
        self._missed = 0
        self._wake, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._task = asyncio.create_task(self._run(), name=f"bus:{name}")

    @property
    def depth(self) -> int:
        """Events that wait to be delivered."""
        return len(self._queue)

    def put(self, event: object) -> None:
        if len(self._queue) >= self.limit:
            self._queue.popleft()
            self.dropped += 1
            self._missed += 1
        self._queue.append(event)
        self._idle.clear()
        self._wake.set()

    async def idle(self) -> None:
        """Return when the queue is empty and no delivery is under way."""
        await self._idle.wait()

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._queue.clear()
        self._idle.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            while self._queue:
                self._tell_gap()
                await self._deliver_some()
            self._wake.clear()
            self._idle.set()

    async def _deliver_some(self) -> None:
        queue = self._queue
        events = [queue.popleft() for _ in range(min(self._batch, len(queue)))]
        try:
            result = self._deliver(events)
            # Only a handler that answers with an awaitable suspends; without the sleep a synchronous
            # one with a full queue would keep the loop from everybody else.
            await (result if inspect.isawaitable(result) else asyncio.sleep(0))
        except Exception:
            self.failed += len(events)
            log.exception("subscriber %s failed on %s", self.name, type(events[0]).__name__)
        else:
            self.handled += len(events)

    def _tell_gap(self) -> None:
        missed, self._missed = self._missed, 0
        if not missed:
            return
        log.warning("subscriber %s was too slow: %d events dropped", self.name, missed)
        if self._on_gap is not None:
            try:
                self._on_gap(missed)
            except Exception:
                self.failed += 1
                log.exception("subscriber %s failed to handle a gap", self.name)


class Bus:
    """Publish and subscribe inside one event loop."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription] = []
        self._routes: dict[type, tuple[Subscription, ...]] = {}
        self.published = 0

    @property
    def subscriptions(self) -> Sequence[Subscription]:
        return tuple(self._subscriptions)

    def subscribe(
        self,
        name: str,
        kinds: Kinds[E],
        handler: Handler[E],
        *,
        limit: int = DEFAULT_LIMIT,
        on_gap: Callable[[int], None] | None = None,
    ) -> Subscription:
        """Call ``handler`` (sync or async) with each event of these classes, one at a time, in order."""
        return self._add(name, kinds, lambda events: handler(events[0]), limit, 1, on_gap)

    def subscribe_batches(
        self,
        name: str,
        kinds: Kinds[E],
        handler: Handler[list[E]],
        *,
        size: int = 500,
        limit: int = DEFAULT_LIMIT,
        on_gap: Callable[[int], None] | None = None,
    ) -> Subscription:
        """Like ``subscribe``, but with all that waits at that moment, up to ``size``: for writers."""
        return self._add(name, kinds, handler, limit, size, on_gap)

    def publish(self, event: object) -> None:
        """Put ``event`` in the queue of every subscriber of its class or of a base of it."""
        self.published += 1
        route = self._routes.get(type(event))
        if route is None:
            route = self._route(type(event))
        for subscription in route:
            subscription.put(event)

    async def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.remove(subscription)
        self._routes.clear()
        await subscription.stop()

    async def drain(self) -> None:
        """Return when every queue is empty, also of what handlers published meanwhile."""
        while busy := [s for s in self._subscriptions if not s._idle.is_set()]:
            for subscription in busy:
                await subscription.idle()

    async def close(self) -> None:
        """Stop every subscriber; what still waits is dropped, so ``drain`` first."""
        subscriptions, self._subscriptions = self._subscriptions, []
        self._routes.clear()
        for subscription in subscriptions:
            await subscription.stop()

    def _add(
        self,
        name: str,
        kinds: Kinds[Any],
        deliver: Callable[[list[Any]], Awaitable[None] | None],
        limit: int,
        batch: int,
        on_gap: Callable[[int], None] | None,
    ) -> Subscription:
        if limit < 1 or batch < 1:
            raise ValueError("limit and size must be at least 1")
        classes = kinds if isinstance(kinds, tuple) else (kinds,)
        subscription = Subscription(name, classes, deliver, limit=limit, batch=batch, on_gap=on_gap)
        self._subscriptions.append(subscription)
        self._routes.clear()
        return subscription

    def _route(self, kind: type) -> tuple[Subscription, ...]:
        route = tuple(s for s in self._subscriptions if issubclass(kind, s.kinds))
        self._routes[kind] = route
        return route
