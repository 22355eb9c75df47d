"""The day's counters, the site's days, and numbers as people of the region write them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

from call_log.model import Entry
from call_log.query import CallFilter, Scope
from call_log.search import CallSearch
from call_log.store import CallStore
from crm_core.users.places import Place, Places
from cti.app.calls import CallLog, CallParts, day_of, mates, phone_of, today, whose
from cti.app.storage import open_database
from cti.kernel.actor import Actor
from cti.live.record import CallRecord, Direction, Outcome
from screenpop.board import contribution
from tests.call_log.calls import DAY, leg, live, record
from tests.crm import clock, crm, database, ready_url, told
from tests.crm_core.users import people
from tests.live import settings_of
from tests.web import sample
from web.services import Crm

__all__ = ["clock", "crm", "database", "ready_url", "told"]

NOW = sample.NOW


def moved(record: CallRecord, seconds: float) -> CallRecord:
    """The same call at another time, as another call."""
    assert record.started_at is not None
    return msgspec.structs.replace(
        record, id=f"{record.id}-{seconds:.0f}", linkedid=f"{record.linkedid}9", started_at=record.started_at + seconds
    )


async def test_today_is_what_the_board_adds_up_call_by_call(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    midnight = dt.datetime(2026, 11, 22, tzinfo=ZoneInfo(settings.timezone)).timestamp()
    ended = [r for r in sample.log() if not r.provisional and (r.started_at or 0.0) >= midnight]
    outcomes: tuple[Outcome, ...] = get_args(Outcome)
    of_each = [
        moved(msgspec.structs.replace(ended[2], outcome=outcome, direction=direction), 1.0 + n)
        for n, (outcome, direction) in enumerate(itertools.product(outcomes, get_args(Direction)))
    ]
    ended += of_each
    yesterday = [moved(record, -86400.0) for record in ended]
    assert len(ended) > 40
    database = await open_database(settings)
    store = CallStore(database)
    await store.save([Entry(record, NOW) for record in (*ended, *yesterday)])
    calls = CallLog(CallSearch(database), store)
    counted = await today(calls, settings, NOW)
    added: Counter[str] = Counter()
    for one in ended:
        added.update(contribution(one))
    seconds = {"talk_seconds": 1.0 * len(ended), "wait_seconds": 1.0 * len(ended)}  # the board adds whole ones
    assert counted.keys() == added.keys()
    for key, value in counted.items():
        assert value == pytest.approx(added[key], abs=seconds.get(key, 0.0)), key
    assert set((await today(calls, settings, NOW + 2 * 86400.0)).values()) == {0}
    page = await calls.page(CallFilter(), None, 200)
    assert {r.id for r in page.items} >= {r.id for r in ended if r.kind == "call"}
    assert await calls.get(ended[0].id) == ended[0]
    await database.close()


def test_days_begin_at_the_sites_midnight(tmp_path: Path) -> None:
    moment = dt.datetime(2026, 11, 22, 21, 0, tzinfo=dt.UTC).timestamp()
    assert day_of("Asia/Tehran")(moment) == "2026-11-23"
    assert day_of("America/New_York")(moment) == "2026-11-22"


@pytest.mark.parametrize(
    ("region", "number", "raw", "shown"),
    [
        ("IR", "+989121234567", "09121234567", "0912 123 4567"),
        ("DE", "+989121234567", "09121234567", "+98 912 123 4567"),
        ("IR", None, "5000", "5000"),
        ("IR", None, None, ""),
    ],
)
def test_numbers_are_written_as_in_the_region(
    tmp_path: Path, region: str, number: str | None, raw: str | None, shown: str
) -> None:
    assert phone_of(region)(number, raw) == shown


async def test_who_has_a_part_in_a_call_that_is_up_and_in_one_that_is_over(tmp_path: Path) -> None:
    database = await open_database(settings_of(tmp_path))
    store = CallStore(database)
    parts, places = CallParts(store), Places()
    over = record(1, legs=(leg("1.1", "PJSIP/201"), leg("1.2", "PJSIP/trunk")))
    await store.save([Entry(over, DAY, people={"1.1": ("u1",)})])
    part = await parts.part(over.id)
    assert part is not None and "u1" in part.users and part.record == over
    assert await parts.part("none") is None
    up = live(record(2, legs=(leg("2.1", "PJSIP/202"), leg("2.2", "PJSIP/203"), leg("2.3", "PJSIP/trunk"))))
    parts.live = {up.record.id: up}.get
    part = await parts.part(up.record.id)
    assert part is not None and (part.users, part.extensions) == (frozenset(), {"202", "203"})
    parts.whose = whose(places)
    places.take([Place("u2", "Sara", ("202",))])
    part = await parts.part(up.record.id)
    assert part is not None and (part.users, part.extensions) == ({"u2"}, frozenset())
    await database.close()


def test_nobody_knows_who_works_where_before_it_was_told() -> None:
    places = Places()
    assert whose(places)("main", "PJSIP/201", "201") is None
    places.take([Place("u1", "Sara", ("201",))])
    assert whose(places)("main", "PJSIP/201", "201") == ("u1",)
    assert whose(places)("main", "PJSIP/202", "202") == ()


async def test_mates_are_who_is_in_one_of_my_teams(crm: Crm) -> None:
    admin = await people.actor(crm)
    team = await crm.teams.create(admin, "sales")
    sara = await people.make(crm, "sara", "agent", extensions=("201",), teams=(team.id,))
    await people.make(crm, "nima", "agent", extensions=("202",))
    boss = Actor("u9", "Boss", teams=frozenset({team.id}))
    assert await mates(crm)(boss) == Scope((sara.id,), ("201",))
    assert await mates(crm)(Actor("u9", "Boss")) == Scope()
