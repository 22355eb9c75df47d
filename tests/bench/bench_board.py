"""What the live board costs the server: 1,000 live calls, 500 agents, 300 changes of calls a second, 50 viewers.

The board is fed directly, each change by itself, with what a change brings along: the
queue's member and who waits, the agent's wrap-up, the call in the log. The viewers are a process of their own; "late"
is from the change to the arrival of its frame there, on one clock. Bytes are those on the wire for one viewer.
Run: ``python -m tests.bench.bench_board [SECONDS]``.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import re
import sys
import time
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.control.phones import PhoneAt
from cti.live.counted import facts_of
from cti.live.events import (
    CallChanged,
    CallEnded,
    CallLogged,
    CallState,
    LegState,
    LiveCall,
    QueueChanged,
    QueueMember,
)
from cti.live.figures import FigureRules
from cti.live.today import FiguresToday
from screenpop.feed import GATHER_SECONDS, Feed
from screenpop.figured import Figured
from screenpop.seats import AgentNow
from tests.bench.bench_pops import Agent
from tests.bench.bench_product import Process
from tests.web import sample, stage
from tests.web.conftest import staged

CALLS, AGENTS, QUEUES, TEAMS, RATE, VIEWERS = 1000, 500, 10, 10, 300, 50
SECONDS, WARM_UP, ALLOWED = 15.0, 3.0, 250
LIFE: tuple[tuple[CallState, LegState | None], ...] = (
    ("arriving", None), ("queued", None), ("ringing", "ringing"), ("talking", "talking"), ("held", "held"),
    ("talking", "talking"),
)  # fmt: skip
ENDED = -1
_SINCE = re.compile(rb'"since":"([^"]+)"')


class Floor:
    """The calls and agents; ``change`` lets one call go on, and tells what that brings along."""

    def __init__(self) -> None:
        self.dice, self.number = random.Random(5), 0
        self.gone: list[int] = []  # a call has ended there; the next one begins
        self.steps = [self.dice.randrange(len(LIFE) if n < AGENTS else 2) for n in range(CALLS)]
        self.ids = [self._next() for _ in range(CALLS)]
        self.members = [self._member(n, "talking" if self.steps[n] > 2 else None) for n in range(AGENTS)]
        self.waiting = [sum(self._waits(n, q) for n in range(CALLS)) for q in range(QUEUES)]
        self.last: list[LiveCall] = [self._call(n, time.time() - 60) for n in range(CALLS)]

    def begin(self, feed: Feed, day: FiguresToday) -> None:
        places = tuple(
            Place(
                f"user{n}", f"Agent {n}", (self.ext(n),), (PhoneAt("main", f"PJSIP/{self.ext(n)}", self.ext(n), True),)
            )
            for n in range(AGENTS)
        )
        mates = tuple(Mate(f"user{n}", f"Agent {n}", (f"team{n % TEAMS}",)) for n in range(AGENTS))
        feed.board.figured = Figured(day, day.rules)
        feed.tell([PeopleAtPhones({}, places, mates, tuple((f"team{n}", f"Team {n}") for n in range(TEAMS)))])
        feed.load(self.last, [self._queue(q, None) for q in range(QUEUES)], sample.links())
        feed.tell([self._own(n, "ready") for n in range(AGENTS)])

    def change(self, day: FiguresToday) -> list[Any]:
        n = self.gone.pop() if self.gone else self.dice.randrange(CALLS)
        before, queue = self._waits(n, n % QUEUES), n % QUEUES
        self.steps[n] = 0 if self.steps[n] == ENDED else self.steps[n] + 1
        made: list[Any] = []
        if self.steps[n] >= (len(LIFE) if n < AGENTS else 2):
            made += self._end(n, day)
        self.waiting[queue] += self._waits(n, queue) - before
        if self.steps[n] != ENDED:
            self.last[n] = self._call(n, time.time())
            made.append(CallChanged(time.time(), self.last[n]))
        if n < AGENTS and self.members[n] != (one := self._member(n, self._doing(n))):
            self.members[n] = one
            made.append(self._queue(queue, (one,)))
        elif self._waits(n, queue) != before:
            made.append(self._queue(queue, ()))
        return made

    def _end(self, n: int, day: FiguresToday) -> list[Any]:
        record = msgspec.structs.replace(self.last[n].record, ended_at=time.time(), provisional=False)
        users = {leg.uniqueid: (f"user{n}",) for leg in record.legs}
        day.take(facts_of(record, users))
        self.steps[n], self.ids[n] = ENDED, self._next()
        self.gone.append(n)
        owns = [self._own(n, "wrap")] if n < AGENTS else []
        return [CallEnded(time.time(), self.last[n].record), CallLogged(record), *owns]

    def _next(self) -> str:
        """The unique id of a call."""
        self.number += 1
        return f"{1_795_000_000 + self.number}.{self.number}"

    def _waits(self, n: int, queue: int) -> bool:
        return n % QUEUES == queue and self.steps[n] != ENDED and LIFE[self.steps[n]][0] == "queued"

    def _doing(self, n: int) -> LegState | None:
        return None if self.steps[n] == ENDED else LIFE[self.steps[n]][1]

    def ext(self, n: int) -> str:
        return str(3000 + n)

    def _member(self, n: int, doing: LegState | None) -> QueueMember:
        status = {None: 1, "ringing": 6}.get(doing, 2)
        return QueueMember(f"PJSIP/{self.ext(n)}", f"Agent {n}", status, False, None, status == 2, True)

    def _queue(self, queue: int, changed: tuple[QueueMember, ...] | None) -> QueueChanged:
        members = tuple(self.members[queue::QUEUES])
        return QueueChanged("main", time.time(), f"queue{queue}", self.waiting[queue], members, changed)

    def _own(self, n: int, state: str) -> AgentNow:
        now = time.time()
        return AgentNow(f"user{n}", f"Agent {n}", state, now, None, now + 30 if state == "wrap" else None, True,
                        "main", f"PJSIP/{self.ext(n)}", self.ext(n))  # type: ignore[arg-type]  # fmt: skip

    def _call(self, n: int, at: float) -> LiveCall:
        state, doing = LIFE[self.steps[n]]
        phones = ((self.ext(n), doing),) if doing is not None else ()
        made = sample.live_call(
            self.ids[n], 60.0, (f"Caller {n}", f"0912{n:07}"), state, sample.NOW - at, f"queue{n % QUEUES}", phones,
            spoke=5.0 if doing not in (None, "ringing") else None,
        )  # fmt: skip
        record = msgspec.structs.replace(made.record, id=f"main-{self.ids[n]}")
        return msgspec.structs.replace(made, record=record)


async def measure(seconds: float) -> None:
    services = stage.services(clock=stage.RunningClock())
    floor = Floor()
    day = FiguresToday(ZoneInfo("Asia/Tehran"), time.time, FigureRules)
    floor.begin(services.feed, day)
    services.feed.soon = partial(asyncio.get_running_loop().call_later, GATHER_SECONDS)
    async with staged(services) as shown:
        child = await Process.start("tests.bench.bench_board", "viewers", shown.url, await shown.token())
        await child.said()
        await _churn(services.feed, floor, day, WARM_UP)
        child.tell()
        await child.said()
        begun, cpu = time.monotonic(), time.process_time()
        changes = await _churn(services.feed, floor, day, seconds)
        share = 100 * (time.process_time() - cpu) / (time.monotonic() - begun)
        await asyncio.sleep(0.2)
        child.tell()
        found = await child.said()
        await child.stop()
    each = found["bytes"] / VIEWERS / changes
    late = ", ".join(f"p{p} {1000 * found[f'p{p}']:.1f}" for p in (50, 95, 99))
    row = f"{CALLS:,} calls, {AGENTS} agents, {changes / seconds:.0f} changes/s, {VIEWERS} viewers"
    print(f"{row:60} {each:.0f} bytes a change and viewer (asked: {ALLOWED}); to the frame {late} ms")
    print(f"{'  CPU of a core: board, hub and sockets; frames a change':60} "
          f"{share:.0f} %; {found['frames'] / VIEWERS / changes:.2f}", flush=True)  # fmt: skip


async def _churn(feed: Feed, floor: Floor, day: FiguresToday, seconds: float) -> int:
    """``RATE`` changes a second, and each second the beat."""
    begun, told = time.monotonic(), 0
    while told < RATE * seconds:
        feed.tell(floor.change(day))
        told += 1
        if told % RATE == 0:
            feed.beat(time.time())
        if (ahead := told / RATE - (time.monotonic() - begun)) > 0:
            await asyncio.sleep(ahead)
    return told


class Viewers:
    """Counts what comes, and how late the newest change in a frame is."""

    def __init__(self) -> None:
        self.bytes = self.frames = 0
        self.late: list[float] = []

    def heard(self, _now: float, payload: bytes) -> None:
        size = len(payload)
        self.bytes += size + (2 if size < 126 else 4 if size < 65536 else 10)
        if b'"type":"event"' not in payload:
            return
        self.frames += 1
        if self.frames % 7 == 0 and (since := max(_SINCE.findall(payload), default=None)) is not None:
            self.late.append(time.time() - dt.datetime.fromisoformat(since.decode()).timestamp())


async def view(url: str, token: str) -> None:
    """The viewers: a line when all have their snapshot, one when counting begins, and the count when asked again."""
    viewers, where, loop = Viewers(), urlsplit(url), asyncio.get_running_loop()
    made = partial(Agent, token, where.netloc, lambda now, payload: viewers.heard(now, payload), ("board:all",))
    agents = [(await loop.create_connection(made, where.hostname, where.port))[1] for _ in range(VIEWERS)]
    await asyncio.gather(*(agent.ready for agent in agents))
    print("{}", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    viewers = Viewers()
    print("{}", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    late = sorted(viewers.late)
    percents = {f"p{p}": late[min(len(late) - 1, len(late) * p // 100)] for p in (50, 95, 99)}
    print(json.dumps({"bytes": viewers.bytes, "frames": viewers.frames, **percents}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)


def main(seconds: float = SECONDS) -> None:
    print("board: fed directly, its viewers in another process")
    asyncio.run(measure(seconds))


if __name__ == "__main__":
    if sys.argv[1:2] == ["viewers"]:
        asyncio.run(view(*sys.argv[2:]))
    else:
        main(*map(float, sys.argv[1:]))
