"""Supervised tasks: each has a name, is restarted after a failure, and is stopped in order.

What runs for as long as the product runs is started here, never by a bare ``create_task``: a task
whose exception nobody reads is how a listener dies in silence. A task that returns is finished; one
that raises is logged, counted and started again after a back-off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from cti.kernel.backoff import Backoff
from cti.kernel.clock import Clock, SystemClock

log = logging.getLogger(__name__)

Run = Callable[[], Awaitable[None]]

# A task that ran this long before it failed starts its back-off anew.
SETTLED_SECONDS = 60.0


class SupervisedTask:
    """One task and what has become of it; ``error`` is its last failure."""

    def __init__(self, name: str, run: Run, *, restart: bool, backoff: Backoff, clock: Clock) -> None:
        self.name = name
        self.restarts = 0
        self.error: Exception | None = None
        self._run, self._restart, self._backoff, self._clock = run, restart, backoff, clock
        self._task = asyncio.create_task(self._supervise(), name=name)

    @property
    def running(self) -> bool:
        return not self._task.done()

    async def finished(self) -> None:
        """Return when the task will not run again. Never raises its error; see ``error``."""
        await asyncio.wait({self._task})

    async def stop(self, grace: float) -> bool:
        """Cancel it; False if it still runs after ``grace`` seconds."""
        self._task.cancel()
        await asyncio.wait({self._task}, timeout=grace)
        return self._task.done()

    async def _supervise(self) -> None:
        while True:
            started = self._clock.monotonic()
            try:
                await self._run()
                return
            except Exception as error:
                self.error = error
                log.exception("task %s failed", self.name)
            if not self._restart:
                return
            if self._clock.monotonic() - started >= SETTLED_SECONDS:
                self._backoff.reset()
            await self._clock.sleep(self._backoff.next())
            self.restarts += 1


class Tasks:
    """All supervised tasks of a process. Stopped in the reverse order of their start."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._tasks: list[SupervisedTask] = []

    @property
    def tasks(self) -> Sequence[SupervisedTask]:
        return tuple(self._tasks)

    def start(self, name: str, run: Run, *, restart: bool = True, backoff: Backoff | None = None) -> SupervisedTask:
        """Run ``run()`` now, and again after each failure unless ``restart`` is False."""
        if any(task.name == name and task.running for task in self._tasks):
            raise ValueError(f"a task named {name} already runs")
        self._tasks = [task for task in self._tasks if task.name != name]
        task = SupervisedTask(name, run, restart=restart, backoff=backoff or Backoff(), clock=self._clock)
        self._tasks.append(task)
        return task

    async def stop(self, grace: float = 5.0) -> tuple[str, ...]:
        """Stop all, the latest first. The names of those that would not end in ``grace`` seconds each."""
        stuck = []
        while self._tasks:
            task = self._tasks.pop()
            if not await task.stop(grace):
                log.error("task %s does not stop", task.name)
                stuck.append(task.name)
        return tuple(stuck)
