"""Days tallied and kept: what is read from them is what is counted of the calls, whatever is written meanwhile."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from call_log.days import SETTLED_SECONDS, Days
from call_log.facts import Facts
from call_log.model import Entry
from call_log.store import CallStore
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.live.agents import Noted
from cti.live.cells import counts_of
from cti.live.counted import facts_of
from cti.live.figures import FigureRules, OccupancyName, QueueCounts, QueueRule
from cti.live.intervals import day_bounds, days
from cti.live.period import Asked, Period
from cti.live.record import CallRecord
from cti.live.shifts import Shift, shifts_of
from cti.live.spent import seconds_of, visits_of
from cti.live.today import agent_figures, figures_of
from tests.call_log.calls import provisional
from tests.cti.live import figured_day as day
from tests.cti.live.figured_day import A, B, C

TEHRAN = ZoneInfo("Asia/Tehran")
ASKED = Asked(start=day.DAY, end=day.NEXT, minutes=30)


class Stage:
    """Days of a database; the agents did what ``noted`` says. ``read``: how often that was asked, once a tally."""

    def __init__(self, database: Database, noted: Sequence[Noted], now: float, zone: ZoneInfo = TEHRAN) -> None:
        self.noted, self.read, self.clock, self.zone = noted, 0, ManualClock(now), zone
        self.store = CallStore(database)
        self.days = Days(database, Facts(database), self._shifts, zone, self.clock)

    async def _shifts(self, _start: float, end: float) -> Mapping[str, Shift]:
        self.read += 1
        return shifts_of(one for one in self.noted if one.at < end)

    async def write(self, *records: CallRecord, at: float | None = None) -> None:
        await self.store.save(
            [Entry(r, at or r.ended_at or day.NEXT, "repair" if at else "live", day.people(r)) for r in records]
        )

    async def told(self, asked: Asked = ASKED, rules: FigureRules | None = None) -> dict[str, Any]:
        period = Period(asked, rules or FigureRules(), self.zone, self.clock.now())
        for start, end in days(asked.start, asked.end, self.zone):
            period.add(await self.days.of(start, end, asked))
        return period.told()

    async def tallied(self) -> bool:
        """Whether the day is tallied to answer this, and not read."""
        before = self.read
        await self.told()
        return self.read > before


@pytest.fixture
async def stage(database: Database) -> Stage:
    made = Stage(database, day.noted(), day.NEXT + SETTLED_SECONDS)
    await made.write(*day.records())
    return made


async def test_a_day_by_hand_is_tallied_once(stage: Stage) -> None:
    for _ in range(2):
        told = await stage.told()
        assert told["queues"] == [
            {"pbx": "main", "queue": "sales", **day.SALES},
            {"pbx": "main", "queue": "support", **day.SUPPORT},
        ]
        assert {one.pop("agent"): one for one in told["agents"]} == {A: day.OF_A, B: day.OF_B, C: day.OF_C}
        assert told["intervals"][18] == {"start": day.at("09:00:00"), **day.AT_NINE}
    assert stage.read == 1
    one = await stage.told(Asked(start=day.DAY, end=day.NEXT, minutes=30, users=frozenset({B}), each=B))
    assert [row["talk_seconds"] for row in one["intervals"][18:20]] == [112, 188]
    only = await stage.told(Asked(start=day.DAY, end=day.NEXT, minutes=60, queues=frozenset({"support"})))
    assert only["total"] == day.SUPPORT
    assert stage.read == 1


async def test_other_rules_count_what_is_kept_anew(stage: Stage) -> None:
    await stage.told()
    rules = FigureRules(queues=(QueueRule(queue="*", threshold_seconds=5.0, short_seconds=0.0),))
    sales = (await stage.told(rules=rules))["queues"][0]
    assert (sales["answered_in"], sales["short_abandoned"]) == (1, 0)
    assert stage.read == 1


async def test_a_day_is_not_kept_before_it_is_settled(database: Database) -> None:
    early = Stage(database, day.noted(), day.NEXT + SETTLED_SECONDS - 1.0)
    await early.write(*day.records())
    await early.told()
    assert await early.tallied()
    early.clock.advance(1.0)
    assert await early.tallied()
    assert not await early.tallied()


async def test_what_is_written_of_the_past_is_in_its_figures(stage: Stage) -> None:
    await stage.told()
    await stage.write(day.queued("14", "15:00:00", "sales", 7.0), at=day.NEXT)
    assert (await stage.told())["queues"][0]["abandoned"] == 3
    mended = msgspec.structs.replace(day.records()[3], outcome="callback")
    await stage.write(mended, at=day.NEXT + 1.0)
    assert (await stage.told())["queues"][0]["abandoned"] == 2
    await stage.store.save([], [("main-4", "main-1")])
    assert (await stage.told())["queues"][0]["abandoned"] == 1
    assert not await stage.tallied()
    await stage.write(day.queued("15", "15:00:00", "sales", 7.0, day=day.NEXT))
    assert not await stage.tallied(), "of another day"
    await stage.days.forget(day.NEXT - 1.0)
    assert await stage.tallied()


async def test_what_still_goes_on_keeps_a_day_open(stage: Stage) -> None:
    await stage.write(provisional(day.queued("16", "23:59:00", "sales", 7.0, A, 1.0)))
    await stage.told()
    assert await stage.tallied()
    await stage.write(day.queued("16", "23:59:00", "sales", 7.0, A, 7200.0))
    stage.clock.advance(7200.0)
    await stage.told()
    assert not await stage.tallied()


async def test_what_is_written_while_a_day_is_tallied_is_not_lost(stage: Stage) -> None:
    plain = stage._shifts

    async def meanwhile(start: float, end: float) -> Mapping[str, Shift]:
        await stage.write(day.queued("14", "15:00:00", "sales", 7.0), at=day.NEXT)
        return await plain(start, end)

    stage.days._shifts = meanwhile
    await stage.told()
    stage.days._shifts = plain
    assert await stage.tallied()
    assert (await stage.told())["queues"][0]["abandoned"] == 3


async def test_a_wrap_up_that_nobody_ended_is_an_hour_at_most(database: Database) -> None:
    """The agent's browser died; nobody asks for the figures until the day after."""
    noted = [Noted(A, day.at("23:50:30"), "wrap", call="main-1", queue="sales")]
    stage = Stage(database, noted, day.NEXT + 86_400.0)
    await stage.write(day.queued("1", "23:50:00", "sales", 0.0, A, 30.0))
    (sales,) = (await stage.told())["queues"]
    assert sales["wrap_seconds"] == 570.0 + 3600.0


async def test_which_days_are_missing(stage: Stage) -> None:
    before = day.DAY - 86_400.0, day.DAY
    assert await stage.days.missing(9) == [(day.DAY, day.NEXT), before]
    await stage.days.keep(day.DAY, day.NEXT)
    assert await stage.days.missing(9) == [before]
    assert await stage.days.missing(1) == []
    stage.clock.advance(86_400.0)
    assert await stage.days.missing(1) == [(day.NEXT, day.NEXT + 86_400.0)]


async def test_of_an_empty_log_nothing_is_missing(database: Database) -> None:
    assert await Stage(database, [], day.NEXT).days.missing(9) == []


# ---- against counting everything at once ---------------------------------------------------------------------------


def at_random(dice: random.Random, first: float, last: float) -> tuple[list[CallRecord], list[Noted]]:
    """Three agents of two queues on two PBXs, around the clock."""
    records, noted = [], []
    for user in (A, B, C):
        noted.append(Noted(user, first - dice.randrange(9000), "sign_in"))
    for number in range(120):
        joined = first + dice.random() * (last - first)
        who, queue, wait = dice.choice((A, B, C, "")), dice.choice(("sales", "support")), dice.uniform(0.0, 60.0)
        talk = dice.choice((40.123, 500.0, 4000.5)) if who else 0.0
        outcome = dice.choice(("answered" if who else "abandoned", "answered" if who else "voicemail"))
        made = day.queued(str(number), "00:00:00", queue, wait, who, talk, day=joined, pbx=dice.choice(("main", "x")))
        made = msgspec.structs.replace(made, outcome=outcome, id=f"{made.pbx}-{number}")
        records.append(made)
        over = made.ended_at or 0.0
        if who and dice.random() < 0.6:
            wrap = dice.uniform(1.0, 90.0)
            noted.append(Noted(who, over, "wrap", call=made.id, queue=queue))
            noted.append(Noted(who, over + wrap, "wrap_over", call=made.id, queue=queue))
            noted.append(Noted(who, over + wrap, dice.choice(("ready", "sign_out", "pause")), "lunch"))
            noted.append(Noted(who, over + wrap + dice.uniform(1.0, 5000.0), "ready"))
    return records, sorted(noted, key=lambda one: one.at)


def at_once(
    records: Sequence[CallRecord],
    shifts: Mapping[str, Shift],
    asked: Asked,
    rules: FigureRules,
    zone: ZoneInfo,
    now: float,
) -> tuple[dict[tuple[str, str], Any], dict[str, Any]]:
    """The figures of queues and agents, each visit and each agent's whole time counted by itself."""
    queues: dict[tuple[str, str], QueueCounts] = {}
    talks: dict[str, list[Any]] = {A: [], B: [], C: []}
    for facts in (facts_of(record, day.people(record)) for record in records):
        for visit, wrap in visits_of(shifts, facts, now)[0]:
            if asked.start <= visit.joined_at < asked.end:
                one = counts_of(visit, wrap, now, rules.queue(visit.queue))
                queues.setdefault((facts.pbx, visit.queue), QueueCounts()).add(one)
        for talk in facts.talks:
            talks[talk.users[0]].append(talk)
    spent = {
        user: seconds_of(shifts[user].all(), some, asked.start, asked.end, now, zone) for user, some in talks.items()
    }
    return (
        {key: figures_of(counts, rules, key[1]) for key, counts in queues.items()},
        {user: agent_figures(one, rules) for user, one in spent.items()},
    )


def near(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    """The same but for the last digit, which is rounded of sums made in another order."""
    return found == {
        name: pytest.approx(value, abs=1.01 if name.endswith("seconds") else 0.11)
        if isinstance(value, (int, float))
        else {key: pytest.approx(one, abs=1.01) for key, one in value.items()}
        if isinstance(value, dict)
        else value
        for name, value in expected.items()
    }


@pytest.mark.parametrize(
    ("seed", "name", "noon", "occupancy"),
    [
        (1, "Asia/Tehran", day.DAY + 43_200.0, "available"),
        (2, "Europe/Berlin", 1_792_926_000.0, "staffed"),  # 2026-10-25 has 25 hours
        (3, "Europe/Berlin", 1_774_778_400.0, "signed_in"),  # 2026-03-29 has 23
        (4, "Asia/Kathmandu", day.DAY + 43_200.0, "staffed"),  # whole hours there are quarters elsewhere
    ],
)
async def test_days_put_together_are_the_whole(
    database: Database, seed: int, name: str, noon: float, occupancy: OccupancyName
) -> None:
    zone, rules = ZoneInfo(name), FigureRules(occupancy=occupancy)
    first, last = day_bounds(noon - 86_400.0, zone)[0], day_bounds(noon + 86_400.0, zone)[1]
    records, noted = at_random(random.Random(seed), first, last)
    stage = Stage(database, noted, last + 90_000.0, zone)
    await stage.write(*records)
    shifts = shifts_of(noted)
    for start, end in ((first, last), (first + 5000.5, last - 40_000.25)):
        asked = Asked(start=start, end=end, minutes=15)
        queues, agents = at_once(records, shifts, asked, rules, zone, stage.clock.now())
        tallied = await stage.told(asked, rules)
        assert await stage.told(asked, rules) == tallied, "kept or not"
        assert {(one.pop("pbx"), one.pop("queue")) for one in tallied["queues"]} == set(queues)
        for row, expected in zip(tallied["queues"], (queues[key] for key in sorted(queues)), strict=True):
            assert near(row, expected)
        for row in tallied["agents"]:
            assert near(row, agents[row.pop("agent")])
        assert sum(row["offered"] for row in tallied["intervals"]) == tallied["total"]["offered"]
