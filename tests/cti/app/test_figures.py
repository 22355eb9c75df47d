"""The day read from the log and going on with what is logged: on both databases, over a restart and a failure."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ami_listener.simulator.truth import SimCall
from call_log.days import SETTLED_SECONDS
from call_log.model import Entry
from call_log.store import CallStore
from crm_core.agents import store as agents
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from crm_core.users.reach import TeamReach
from cti.app.figures import Today
from cti.kernel.actor import Actor, system
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.kernel.errors import ForbiddenError
from cti.kernel.ids import new_id
from cti.live.agents import Kept, Noted
from cti.live.events import CallLogged, CallMerged
from cti.live.figures import FigureRules
from tests.crm import database, ready_url, told
from tests.cti.app.stage import LIVELY, profile_of, silent, url_of
from tests.cti.live import figured_day as day
from tests.cti.live.figured_day import A, B, C, at
from tests.live import running_product, until

__all__ = ["database", "ready_url", "told"]

TEHRAN = ZoneInfo("Asia/Tehran")


class Everybody:
    def users(self, _actor: Actor) -> frozenset[str] | None:
        return None

    def queues(self, _actor: Actor) -> frozenset[str] | None:
        return None


async def keep(database: Database, noted: list[Noted]) -> None:
    """Written down as the product does it: each agent's state, and what happened, with ids in order."""
    ids = {new_id(one.at + n / 100): one for n, one in enumerate(noted)}
    async with database.transaction() as tx:
        await agents.write(tx, {one.user: Kept() for one in noted}, ids, 1.0)


def made(database: Database, now: float) -> tuple[Today, ManualClock]:
    clock = ManualClock(now)
    return Today(database, clock, TEHRAN, FigureRules), clock


async def write_the_day(database: Database) -> None:
    entries = [Entry(record, record.ended_at or 0.0, people=day.people(record)) for record in day.records()]
    await CallStore(database).save(entries)
    await keep(database, day.noted())


async def test_a_day_by_hand(database: Database) -> None:
    await write_the_day(database)
    today, _ = made(database, day.NEXT + 7200.0)
    told = await today.service(Everybody()).period(system("test"), day.DAY, day.NEXT, minutes=30)
    assert [{**one, "pbx": "main"} for one in told["queues"]] == [
        {"pbx": "main", "queue": "sales", **day.SALES},
        {"pbx": "main", "queue": "support", **day.SUPPORT},
    ]
    assert {one.pop("agent"): one for one in told["agents"]} == {A: day.OF_A, B: day.OF_B, C: day.OF_C}
    assert told["intervals"][18] == {"start": at("09:00:00"), **day.AT_NINE}


async def test_what_was_logged_before_the_start_and_after_it_is_one_day(database: Database) -> None:
    store = CallStore(database)
    before = [r for r in day.records() if (r.ended_at or 0.0) < at("09:35:00")]
    after = [r for r in day.records() if at("09:35:00") <= (r.ended_at or 0.0) < day.NEXT]
    await store.save([Entry(r, r.ended_at or 0.0, people=day.people(r)) for r in before])
    early = [one for one in day.noted() if one.at < at("09:35:00")]
    await keep(database, early)
    today, clock = made(database, at("09:35:00"))
    await today.read()
    clock.advance(at("23:59:59") - clock.now())
    await store.save([Entry(r, r.ended_at or 0.0, people=day.people(r)) for r in after])
    late = [one for one in day.noted() if at("09:35:00") <= one.at < day.NEXT]
    logged = [CallLogged(r) for r in (*before[-2:], *after)]
    await today.take([*early[-3:], *late, *logged])  # some of it was read already
    # Call 13 goes on: without it 7 were offered, 4 answered, 3 of them in time.
    assert today.figures.queue("main", "support") == day.SUPPORT | {"sl_now": None}
    assert [today.figures.queue("main", "sales")[name] for name in ("offered", "answered", "answered_in")] == [7, 4, 3]
    assert today.figures.agent(A) == day.OF_A
    assert today.figures.agent(B) == day.OF_B


async def test_a_restart_after_midnight_knows_who_works_and_talks_through_it(database: Database) -> None:
    """Call 13 began before midnight and went on after it; Dara has been signed in for days (T91)."""
    await CallStore(database).save([Entry(r, r.ended_at or 0.0, people=day.people(r)) for r in day.records()])
    await keep(database, day.noted())
    for minutes in (1, 30):
        now = day.NEXT + minutes * 60.0
        today, _ = made(database, now)
        await today.read()
        found = today.figures.agent(C)
        # 40 of the 90 s of call 13 lie after midnight, and 20 of the 30 s of wrap-up after it in the first minute.
        assert (found["talk_seconds"], found["calls"]) == (40, 0)
        assert found["signed_in_seconds"] == minutes * 60
        assert found["wrap_seconds"] == (20 if minutes == 1 else 30)
        assert today.figures.day()["offered"] == 0
        assert today.figures.queues() == ()


async def test_two_pbxs_with_a_queue_of_the_same_name_are_two_in_a_period(database: Database) -> None:
    there = msgspec.structs.replace(day.queued("14", "09:00:00", "sales", 30.0), id="branch-14", pbx="branch")
    await write_the_day(database)
    await CallStore(database).save([Entry(there, 1.0)])
    today, _ = made(database, day.NEXT + 7200.0)
    for _ in range(2):  # tallied, then as it was kept
        told = await today.service(Everybody()).period(system("test"), day.DAY, day.NEXT)
        assert [(one["pbx"], one["queue"], one["offered"]) for one in told["queues"]] == [
            ("branch", "sales", 1), ("main", "sales", 8), ("main", "support", 3),
        ]  # fmt: skip
    told = await today.service(Everybody()).period(system("test"), day.DAY, day.NEXT, queue="sales")
    assert [one["pbx"] for one in told["queues"]] == ["branch", "main"], "a name stands for both"


PEOPLE = PeopleAtPhones(
    names={},
    places=(),
    mates=(
        Mate(A, "Sara", ("shop",), ("sales",)),
        Mate(B, "Babak", ("desk",), ("support",)),
        Mate(C, "Dara", ("night", "shop"), ("sales",)),
        Mate("lead", "Omid", ("shop",)),
    ),
    teams=(("desk", "Desk"), ("night", "Night"), ("shop", "Shop")),
)
SEE, TEAM, ALL = "live.view", "calls.view_team", "calls.view_all"


@pytest.mark.parametrize(
    ("who", "teams", "permissions", "agents", "queues"),
    [
        ("lead", ("shop",), (SEE, TEAM), (A, C), ("sales",)),
        ("lead", ("desk",), (SEE, TEAM), (B,), ("support",)),
        ("lead", ("desk", "night"), (SEE, TEAM), (B, C), ("sales", "support")),
        ("lead", (), (SEE, TEAM), (), ()),
        ("lead", ("gone",), (SEE, TEAM), (), ()),
        ("lead", (), (SEE, ALL), (A, B, C), ("sales", "support")),
        ("lead", ("shop",), (SEE, TEAM, ALL), (A, B, C), ("sales", "support")),
        (A, ("shop",), (SEE,), (A,), ("sales",)),  # an agent sees himself, and the queues of his team
        (B, ("desk",), (SEE,), (B,), ("support",)),
    ],
)
async def test_whose_figures_somebody_may_read(
    database: Database,
    who: str,
    teams: tuple[str, ...],
    permissions: tuple[str, ...],
    agents: tuple[str, ...],
    queues: tuple[str, ...],
) -> None:
    await write_the_day(database)
    today, _ = made(database, day.NEXT + 7200.0)
    reach = TeamReach()
    reach.take(PEOPLE)
    service = today.service(reach)
    actor = Actor(who, "Somebody", permissions=frozenset(permissions), teams=frozenset(teams))
    for _ in range(2):  # tallied, then as it was kept
        told = await service.period(actor, day.DAY, day.NEXT)
        assert tuple(one["agent"] for one in told["agents"]) == agents
        assert tuple(one["queue"] for one in told["queues"]) == queues
        assert told["total"]["offered"] == sum({"sales": 8, "support": 3}[name] for name in queues)
    for agent in (A, B, C):
        if agent in agents:
            assert len((await service.period(actor, day.DAY, day.NEXT, agent=agent))["agents"]) == 1
        else:
            with pytest.raises(ForbiddenError):
                await service.period(actor, day.DAY, day.NEXT, agent=agent)
    for queue in {"sales", "support"} - {*queues}:
        with pytest.raises(ForbiddenError):
            await service.period(actor, day.DAY, day.NEXT, queue=queue)


async def test_a_merge_takes_the_lost_half_out(database: Database) -> None:
    today, _ = made(database, at("12:00:00"))
    await today.read()
    one, other = day.records()[1], day.records()[4]
    await today.take([CallLogged(one), CallLogged(other), CallMerged(1.0, other.id, one.id), CallLogged(other)])
    assert today.figures.queue("main", "sales")["abandoned"] == 0


async def test_figures_of_a_call_that_is_repaired_are_repaired(database: Database) -> None:
    today, _ = made(database, at("12:00:00"))
    await today.read()
    record = day.records()[4]
    await today.take([CallLogged(record)])
    answered = day.queued("4", "09:12:00", "sales", 40.0, A, 10.0)
    await today.take([CallLogged(answered, record)])
    found = today.figures.queue("main", "sales")
    assert (found["abandoned"], found["answered"], found["asa"]) == (0, 1, 40.0)
    await today.take([CallLogged(msgspec.structs.replace(answered, kind="monitoring"))])
    assert today.figures.queue("main", "sales")["offered"] == 0


async def test_a_database_that_was_away_costs_nothing(database: Database) -> None:
    await write_the_day(database)
    today, clock = made(database, at("23:59:30"))
    async with database.transaction() as tx:
        await tx.execute("ALTER TABLE call_agent RENAME TO call_agent_gone")
    with pytest.raises(Exception, match="call_agent"):
        await today.take([CallLogged(day.records()[1])])
    async with database.transaction() as tx:
        await tx.execute("ALTER TABLE call_agent_gone RENAME TO call_agent")
    task = asyncio.create_task(today.run())
    try:
        await until(lambda: today.figures.queue("main", "sales")["offered"] == 8)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert today.figures.agent(A) == day.OF_A
    assert today.was_read.is_set()
    today.missed(3)
    clock.advance(1.0)
    await today.read()
    assert today.figures.agent(A) == day.OF_A, "read again it is the same"


async def test_days_are_tallied_before_anybody_asks(database: Database) -> None:
    await write_the_day(database)
    today, clock = made(database, day.NEXT + SETTLED_SECONDS - 1.0)
    task = asyncio.create_task(today.keep_days())

    try:
        await until(lambda: clock.sleepers == 1)  # the day before is tallied, in which the late call began
        assert await today.days.missing(9) == []
        clock.advance(SETTLED_SECONDS)
        assert await today.days.missing(9) == [(day.DAY, day.NEXT)]
        await until(lambda: clock.sleepers == 1)
        assert await today.days.missing(9) == []
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    told = await today.service(Everybody()).period(system("test"), day.DAY, day.NEXT, minutes=30)
    assert told["queues"][0] == {"pbx": "main", "queue": "sales", **day.SALES}
    await today.take([Noted(A, day.NEXT - 1.0, "sign_in")])
    assert await today.days.missing(9) == [(day.DAY, day.NEXT)], "something of it became known"


def by_the_pbx(calls: Sequence[SimCall]) -> dict[str, dict[str, float]]:
    """Each queue's day as the simulated PBX itself knows it, counted here by hand."""
    found: dict[str, dict[str, float]] = {}
    for call in calls:
        for place, wait in enumerate(call.queue_waits if call.kind == "call" else ()):
            assert wait.seconds is not None and call.ended_at is not None
            of = found.setdefault(wait.queue, dict.fromkeys(("answered", "abandoned", "moved", "waited"), 0.0))
            gave_up = place == len(call.queue_waits) - 1 and abs(wait.joined_at + wait.seconds - call.ended_at) < 0.5
            of["answered" if wait.answered else "abandoned" if gave_up else "moved"] += 1
            of["waited"] += wait.seconds if wait.answered else 0.0
    return found


async def test_the_day_is_that_of_the_pbx_also_after_a_restart(tmp_path: Path) -> None:
    far_from_midnight = "UTC" if 20 <= time.gmtime().tm_hour <= 21 else "Asia/Tehran"
    async with silent(calls=60, **LIVELY) as pbx:
        settings: dict[str, Any] = {"pbx_url": url_of(pbx), "timezone": far_from_midnight}
        async with running_product(tmp_path, profile_of(pbx), **settings) as running:
            await running.connected()
            await asyncio.wait_for(pbx.run(), 60)
            await running.quiet()
            await running.product.bus.drain()
            figures = running.product.today.figures
            told = {name: figures.queue(pbx_name, name) for pbx_name, name in figures.queues()}
            status, period = await running.get("/api/v1/figures")
        truth = by_the_pbx(pbx.truth)
        assert sum(of["answered"] for of in truth.values()) > 10
        for name, of in truth.items():
            assert {key: told[name][key] for key in ("answered", "abandoned", "moved")} == {
                key: of[key] for key in ("answered", "abandoned", "moved")
            }, name
            assert told[name]["waiting"] == 0
            asa = of["waited"] / of["answered"] if of["answered"] else None
            assert told[name]["asa"] == (None if asa is None else pytest.approx(asa, abs=0.1))
        assert status == 200
        assert {one["queue"]: one["answered"] for one in period["queues"]} == {
            name: of["answered"] for name, of in truth.items()
        }
        async with running_product(tmp_path, profile_of(pbx), **settings) as running:
            again = running.product.today.figures
            assert {name: again.queue(pbx_name, name) for pbx_name, name in again.queues()} == told
