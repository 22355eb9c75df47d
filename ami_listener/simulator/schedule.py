"""Simulated time: a heap of things to do, and scripts that sleep and get messages.

A *script* is a generator. It yields the seconds it wants to sleep, or None to sleep until it is
told something; the ``yield`` answers None when the time is up, or the message that woke it. A
message that is an exception is raised inside the script, which is how a hang-up reaches a call in
the middle of anything. Nothing here knows telephony or asyncio: ``ami_listener.simulator.server``
turns the crank against the real clock, tests turn it as fast as it goes.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

Script = Generator[float | None, Any, Any]


class Timer:
    """One call to make at one time; ``cancel`` makes it a no-op."""

    __slots__ = ("_action",)

    def __init__(self, action: Callable[[], object]) -> None:
        self._action: Callable[[], object] | None = action

    def cancel(self) -> None:
        self._action = None

    def fire(self, _token: int) -> None:
        action, self._action = self._action, None
        if action is not None:
            action()


class Process:
    """A running script and its letter box."""

    __slots__ = ("_mail", "_schedule", "_script", "_token", "done")

    def __init__(self, schedule: Schedule, script: Script) -> None:
        self._schedule = schedule
        self._script = script
        self._mail: deque[Any] = deque()
        self._token = 0
        self.done = False

    def post(self, message: Any) -> None:
        """Wake the script with ``message``, after whatever runs now; letters are read in order."""
        if not self.done:
            self._mail.append(message)
            if len(self._mail) == 1:
                self._schedule.ready(self)

    def fire(self, token: int) -> None:
        """The sleep that ``token`` stands for is over, unless a letter ended it before."""
        if token == self._token and not self.done:
            self.step(None)

    def read_letter(self) -> None:
        """Read one letter; the next has its turn after those that others got meanwhile."""
        if self.done:
            return
        self.step(self._mail[0])
        self._mail.popleft()
        if self._mail:
            self._schedule.ready(self)

    def step(self, message: Any) -> None:
        self._token += 1
        script = self._script
        try:
            nap = script.throw(message) if isinstance(message, BaseException) else script.send(message)
        except StopIteration:
            self.done = True
            return
        if nap is not None:
            self._schedule.push(self._schedule.now + max(nap, 0.0), self, self._token)


class Schedule:
    """The clock (epoch seconds) and all that is to happen."""

    __slots__ = ("_heap", "_ready", "_serial", "now")

    def __init__(self, now: float) -> None:
        self.now = now
        self._heap: list[tuple[float, int, Process | Timer, int]] = []
        self._ready: deque[Process] = deque()
        self._serial = 0

    def push(self, when: float, target: Process | Timer, token: int) -> None:
        self._serial += 1
        heapq.heappush(self._heap, (when, self._serial, target, token))

    def ready(self, process: Process) -> None:
        self._ready.append(process)

    def spawn(self, script: Script) -> Process:
        """Start a script; it takes its first step after whatever runs now."""
        process = Process(self, script)
        process.post(None)
        return process

    def call_in(self, seconds: float, action: Callable[[], object]) -> Timer:
        timer = Timer(action)
        self.push(self.now + seconds, timer, 0)
        return timer

    @property
    def next_at(self) -> float | None:
        """When the next thing happens, None if nothing is left."""
        if self._ready:
            return self.now
        return self._heap[0][0] if self._heap else None

    def run_until(self, limit: float) -> None:
        """Let everything happen that is due up to ``limit`` (epoch seconds), in order."""
        heap = self._heap
        self._deliver()
        while heap and heap[0][0] <= limit:
            when, _, target, token = heapq.heappop(heap)
            if when > self.now:
                self.now = when
            target.fire(token)
            self._deliver()
        if limit > self.now:
            self.now = limit

    def _deliver(self) -> None:
        while self._ready:
            self._ready.popleft().read_letter()
