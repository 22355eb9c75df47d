"""What alerts cost the event loop each second: 1,000 calls, 500 agents in 60 queues, 200,000 calls a day, 12 rules.

The watch of the product, with the parts of it that it asks; the database has no part, since nothing changes. Beside it
stands what counting who called again by going through the day's calls would take, for one rule, in the same run.
Run: ``python -m tests.bench.bench_alerts``.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec

from crm_core.alerts.rules import AlertRules
from crm_core.users.directory import PbxSeen
from cti.app.alerts import Watch
from cti.control.book import LiveBook
from cti.kernel.clock import ManualClock
from cti.live.alarms import AlertKind, AlertRule
from cti.live.counted import CallFacts, Visit
from cti.live.events import Endpoint, LiveCall, QueueChanged, QueueMember
from cti.live.figures import FigureRules
from cti.live.readings import wanted
from cti.live.repeats import Repeats
from cti.live.today import FiguresToday
from screenpop.board import Board
from tests.web import sample, stage

CALLS, AGENTS, QUEUES, IN_QUEUES, CAME, NUMBERS, VISITS = 1000, 500, 60, 6, 200_000, 120_000, 12_000
TURNS, ALLOWED_MS = 60, 10.0
KINDS: tuple[tuple[AlertKind, float], ...] = (
    ("wait", 600), ("wait", 900), ("waiting", 50), ("waiting", 90), ("service_level", 1), ("service_level", 2),
    ("nobody_ready", 1), ("trunk_down", 1), ("link_down", 1), ("talk", 3600), ("repeat", 12), ("repeat", 15),
)  # fmt: skip
RULES = tuple(
    AlertRule(id=f"r{n}", kind=kind, limit=limit, raise_after=60, window_minutes=1440 if kind == "repeat" else 15)
    for n, (kind, limit) in enumerate(KINDS)
)


def calls() -> list[LiveCall]:
    """Half of them talk, the others wait."""
    made = []
    for n in range(CALLS):
        queue, state = f"queue{n % QUEUES}", "talking" if n % 2 else "queued"
        phones = ((str(3000 + n // 2), state),) if n % 2 else ()
        one = sample.live_call(str(n), 90.0, ("", f"0912{n:07}"), state, 60.0, queue, phones,  # type: ignore[arg-type]
                               spoke=5.0 if n % 2 else None)  # fmt: skip
        made.append(msgspec.structs.replace(one, record=msgspec.structs.replace(one.record, id=f"main-{n}")))
    return made


def queue(n: int) -> QueueChanged:
    names = [str(3000 + (n * AGENTS // QUEUES + m * 7) % AGENTS) for m in range(AGENTS * IN_QUEUES // QUEUES)]
    members = [QueueMember(f"PJSIP/{one}", one, 2, False, None, True, True) for one in names]
    return QueueChanged("main", sample.NOW, f"queue{n}", CALLS // 2 // QUEUES, tuple(members))


def came() -> list[tuple[str, str, float]]:
    dice = random.Random(7)
    step = 86_000.0 / CAME
    return [
        (f"c{n}", f"+98912{int(NUMBERS * dice.random() ** 2):07}", sample.NOW - 86_000 + n * step) for n in range(CAME)
    ]


def day(clock: ManualClock) -> FiguresToday:
    made = FiguresToday(ZoneInfo("Asia/Tehran"), clock.now, FigureRules)
    for n in range(VISITS):
        visit = Visit(f"queue{n % QUEUES}", sample.NOW - 3 * n, "answered", 10.0)
        made.take(CallFacts(f"c{n}", "main", (visit,), ()))
    return made


def watch_of(crm: Any) -> Watch:
    """The watch on a stand-in for the product, with all that it asks of one."""
    clock, board, book = crm.alerts._clock, Board(lambda _number, raw: raw or "", lambda _at: "2026-11-22"), LiveBook()
    book.load(live := calls())
    board.load(live, [queue(n) for n in range(QUEUES)], sample.links())
    phones = tuple(Endpoint(f"PJSIP/{3000 + n}", "phone", reachable=True) for n in range(AGENTS))
    lines = tuple(Endpoint(f"PJSIP/line{n}", "trunk", reachable=True) for n in range(10))
    crm.directory._pbxs["main"] = PbxSeen(pbx="main", at=sample.NOW, endpoints=phones + lines)
    crm.directory._loaded = True
    crm.alert_rules.now = AlertRules(rules=RULES)
    link = SimpleNamespace(url=SimpleNamespace(name="main"), asked=True, link=sample.links()[0])
    product = SimpleNamespace(
        clock=clock,
        control=SimpleNamespace(book=book),
        crm=crm,
        feed=SimpleNamespace(board=board),
        listeners=[link],
        today=SimpleNamespace(figures=day(clock)),
    )
    made = Watch(cast(Any, product))
    made._repeats = made._next = Repeats(wanted(rule) for rule in RULES if rule.kind == "repeat")
    return made


async def measure() -> None:
    services = stage.services()
    crm, clock = services.crm, cast(ManualClock, services.clock)
    watch, rows = watch_of(crm), came()
    for row in rows:
        watch._repeats.add(*row)
    took = []
    for _ in range(TURNS):
        clock.advance(1.0)
        begun = time.perf_counter()
        await watch.turn()
        took.append(1000 * (time.perf_counter() - begun))
    since = sample.NOW - 86_400.0
    begun = time.perf_counter()
    counts = Counter(number for _, number, at in rows if at >= since)
    anew = 1000 * (time.perf_counter() - begun)
    most = max(counts.values())
    usual = statistics.median(took)
    print(f"alerts: {CALLS:,} calls, {AGENTS} agents in {QUEUES} queues, {CAME:,} came, {len(RULES)} rules")
    print(f"{'  a turn of a second, median and longest':60} {usual:.2f} ms, {max(took):.2f} ms (asked: {ALLOWED_MS:g})")
    print(
        f"{'  counting the day anew for one rule':60} {anew:.1f} ms: {anew / usual:.0f} times that; most {most} calls"
    )


def main() -> None:
    asyncio.run(measure())


if __name__ == "__main__":
    main()
