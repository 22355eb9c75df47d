"""The figures: what a day so far takes of memory, what another rule costs, and how long a month is counted.

A day of 100,000 calls in 20 queues by 200 agents is fed to the day so far. A month of 300,000 calls (100 agents, 20
queues, each call with a wrap-up) is written to SQLite and PostgreSQL and asked for; while it is counted a task looks
how long the event loop is held. ``TAMAS_FIGURED_CALLS`` says how many. Run: ``python -m tests.bench.bench_figures``.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from call_log import model
from call_log.model import Entry
from crm_core.agents.model import agent_event, agent_state
from cti.app.figures import Today
from cti.app.product import COLLECTED
from cti.app.storage import open_database
from cti.kernel.actor import Actor, system
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.kernel.ids import new_id
from cti.kernel.settings import Settings
from cti.live.agents import Noted
from cti.live.counted import facts_of
from cti.live.figures import FigureRules, QueueRule
from cti.live.record import CallRecord, Leg, QueueWait
from cti.live.today import FiguresToday
from tests.cti.live import figured_day as day
from tests.databases import Postgres

ZONE = ZoneInfo("Asia/Tehran")
A_DAY, QUEUES = 100_000, 20
MONTH = int(os.environ.get("TAMAS_FIGURED_CALLS", "300000"))
DAYS, OPENS, OPEN_SECONDS = 31, 8 * 3600.0, 12 * 3600.0
FIRST = day.DAY - DAYS * 86_400.0
BATCH = 5000


def calls(start: float, count: int, users: list[str], seed: int = 7) -> Iterator[tuple[CallRecord, str]]:
    """Calls of a working day, each with who took it (empty: abandoned)."""
    dice = random.Random(seed)
    for n in range(count):
        joined, wait = start + OPENS + n * OPEN_SECONDS / count, dice.expovariate(1 / 18.0)
        who = dice.choice(users) if dice.random() < 0.9 else ""
        talk = dice.uniform(20.0, 400.0)
        queue = QueueWait(f"queue-{dice.randrange(QUEUES)}", wait, bool(who), joined)
        name = f"{joined:.0f}.{n}"
        taken = [_part(name, who, joined + wait, talk)] if who else []
        ended = joined + wait + (talk if who else 0.0)
        made = day.call(name, [queue], [], ended, outcome="answered" if who else "abandoned")
        yield msgspec.structs.replace(made, legs=tuple(taken)), who


def _part(name: str, who: str, answered: float, talk: float) -> Leg:
    made = day.leg(name, day.A, answered, talk, 4.0)
    return msgspec.structs.replace(made, uniqueid=f"{name}.1", extension=who[-3:])


def people(record: CallRecord, who: str) -> dict[str, tuple[str, ...]]:
    return {leg.uniqueid: (who,) for leg in record.legs}


def staff(count: int) -> list[str]:
    return [new_id(day.DAY - n) for n in range(count)]


# ---- the day so far ------------------------------------------------------------------------------------------------


def today() -> None:
    rules = [FigureRules()]
    now = day.DAY + OPENS + OPEN_SECONDS + 1000.0
    figures = FiguresToday(ZONE, lambda: now, lambda: rules[0])
    rows = [(model.encode_record(record).encode(), who) for record, who in calls(day.DAY, A_DAY, staff(200))]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    began = time.perf_counter()
    for text, who in rows:
        record = msgspec.json.decode(text, type=CallRecord)
        figures.take(facts_of(record, people(record, str(who.encode(), "ascii"))))
    took = time.perf_counter() - began
    calls_only = tracemalloc.get_traced_memory()[0] - before
    for text, who in rows:
        if who:
            _noted(figures, [(msgspec.json.decode(text, type=CallRecord), who)])
    noted = tracemalloc.get_traced_memory()[0] - before - calls_only
    tracemalloc.stop()
    print(
        f"a day of {A_DAY:,} calls: {calls_only / A_DAY:,.0f} bytes a call, {noted / A_DAY:,.0f} of its agent's notes;"
    )
    print(f"  fed in {took:.1f} s (memory traced)", flush=True)
    del rows, text, record
    gc.collect()
    _ask("first asked", figures)
    _ask("asked again", figures)
    rules[0] = FigureRules(queues=(QueueRule(queue="*", threshold_seconds=30.0),))
    _ask("by another rule", figures)
    record, who = next(calls(day.DAY + 9000.0, 1, staff(1)))
    figures.take(facts_of(record, people(record, who)))
    _ask("after one call", figures)


def _noted(figures: FiguresToday, records: list[tuple[CallRecord, str]]) -> None:
    for record, who in records:
        over, of = record.ended_at or 0.0, {"call": record.id, "queue": record.queue or ""}
        for one in (
            Noted(who, over, "wrap", **of),
            Noted(who, over + 15.0, "wrap_over", **of),
            Noted(who, over + 15.0, "ready"),
        ):
            figures.noted(msgspec.json.decode(msgspec.json.encode(one), type=Noted))


def _ask(what: str, figures: FiguresToday) -> None:
    held = []
    for key in figures.queues():
        began = time.thread_time()
        figures.queue(*key)
        held.append(time.thread_time() - began)
    began = time.thread_time()
    figures.day()
    held.append(time.thread_time() - began)
    print(f"  {what:<16} all queues and the day {sum(held) * 1000:6.1f} ms, {max(held) * 1000:5.1f} ms at once at most")


# ---- a month -------------------------------------------------------------------------------------------------------


class Everybody:
    def users(self, _actor: Actor) -> frozenset[str] | None:
        return None

    def queues(self, _actor: Actor) -> frozenset[str] | None:
        return None


async def fill(database: Database, users: list[str]) -> None:
    each = MONTH // DAYS
    columns = [c.name for c in model.call.columns if c.name != "confirmed_at"]
    for number in range(DAYS):
        start = FIRST + number * 86_400.0
        made = list(calls(start, each, users, number))
        for first in range(0, each, BATCH):
            some = made[first : first + BATCH]
            async with database.transaction() as tx:
                await tx.insert(
                    model.call, [model.call_row(Entry(r, r.ended_at or 0.0)) for r, _ in some], len(columns)
                )
                rows = [row for r, who in some for row in model.agent_rows(r, people(r, who))]
                await tx.insert(model.call_agent, rows)
        noted = [Noted(user, start + OPENS, "sign_in") for user in users]
        for record, who in made:
            if who:
                over, of = record.ended_at or 0.0, (record.id, record.queue or "")
                noted.append(Noted(who, over, "wrap", "", *of))
                noted.append(Noted(who, over + 15.0, "wrap_over", "", *of))
                noted.append(Noted(who, over + 15.0, "ready"))
        noted += [Noted(user, start + OPENS + OPEN_SECONDS + 900.0, "sign_out") for user in users]
        async with database.transaction() as tx:
            await tx.insert(
                agent_event, [(new_id(n.at), n.user, n.at, n.kind, n.reason, n.call, n.queue, "") for n in noted]
            )
    async with database.transaction() as tx:
        await tx.insert(agent_state, [(user, "{}", day.DAY) for user in users])
        await tx.execute("ANALYZE")


async def held(longest: list[float]) -> None:
    """How long the event loop did nothing else."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        longest[0] = max(longest[0], time.perf_counter() - began - 0.001)


async def month(name: str, url: str, folder: Path) -> None:
    database = await open_database(Settings(data=str(folder), database_url=url))
    began, users = time.perf_counter(), staff(100)
    await fill(database, users)
    gc.collect()
    gc.freeze()  # as the product does when it has started
    gc.set_threshold(*COLLECTED)
    print(f"{name}: {MONTH:,} calls of a month ({time.perf_counter() - began:.0f} s to write)", flush=True)
    figures = Today(database, ManualClock(day.DAY + 7200.0), ZONE, FigureRules).service(Everybody())
    for what, asked in (
        ("first", {}),
        ("again", {}),
        ("one queue", {"queue": "queue-3"}),
        ("one agent", {"agent": users[0]}),
    ):
        longest = [0.0]
        watch = asyncio.create_task(held(longest))
        began = time.perf_counter()
        told: dict[str, Any] = await figures.period(system("bench"), FIRST, day.DAY, minutes=60, **asked)
        took = time.perf_counter() - began
        watch.cancel()
        print(
            f"  {what:<10} {took:6.2f} s, loop held {longest[0] * 1000:5.1f} ms at most"
            f"  ({told['total']['offered']:,} offered, {len(told['agents'])} agents)",
            flush=True,
        )
    await database.close()


async def months() -> None:
    with tempfile.TemporaryDirectory() as folder:
        await month("SQLite", f"sqlite+aiosqlite:///{folder}/tamas.sqlite", Path(folder))
        server = Postgres(durable=True)
        try:
            await month("PostgreSQL", server.new_url(), Path(folder))
        finally:
            server.destroy()


def main() -> None:
    today()
    asyncio.run(months())


if __name__ == "__main__":
    main()
