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
from call_log.query import CallFilter
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.app.calls import CallLog, day_of, phone_of, today
from cti.app.storage import open_database
from cti.live.record import CallRecord, Direction, Outcome
from screenpop.board import contribution
from tests.live import settings_of
from tests.web import sample

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
    for record in ended:
        added.update(contribution(record))
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
    assert day_of(settings_of(tmp_path))(moment) == "2026-11-23"
    assert day_of(settings_of(tmp_path, timezone="America/New_York"))(moment) == "2026-11-22"


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
    assert phone_of(settings_of(tmp_path, region=region))(number, raw) == shown
