"""Rows without an end that nobody can give one: after a start and the PBX's first answer they are `lost`."""

import asyncio
import time
from pathlib import Path

import msgspec
import pytest

from call_log.model import Entry
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.app.storage import open_database
from cti.live.record import CallRecord
from tests.call_log import calls
from tests.cti.app.stage import silent, url_of
from tests.live import records_of, running_product, settings_of, until


def orphan(number: int, started_at: float) -> CallRecord:
    """A call of a run that was killed: talking, as far as the log knows."""
    record = calls.record(number, provisional=True)
    linkedid = f"{started_at:.0f}.{number}"
    return msgspec.structs.replace(
        record,
        id=f"main-{linkedid}",
        linkedid=linkedid,
        linkedids=(linkedid,),
        started_at=started_at,
        ended_at=None,
        outcome=None,
        duration_seconds=None,
    )


async def leave_behind(folder: Path, *ages: float) -> list[CallRecord]:
    now = time.time()
    found = [orphan(number, now - age) for number, age in enumerate(ages)]
    database = await open_database(settings_of(folder))
    await CallStore(database).save([Entry(record, (record.started_at or 0.0) + 10.0) for record in found])
    await database.close()
    return found


@pytest.mark.parametrize("journal", [True, False], ids=["journal", "no-journal"])
async def test_they_are_lost_without_a_truth_to_ask(tmp_path: Path, journal: bool) -> None:
    orphans = await leave_behind(tmp_path, 60.0, 3600.0, 5 * 86400.0)
    async with silent() as pbx, running_product(tmp_path, pbx_url=url_of(pbx), journal=journal) as running:
        board = running.product.feed.board
        assert not board.whole()["calls"], "an orphan is shown as a call that is up"
        await running.connected()

        async def settled() -> bool:
            return not [record for record in await running.records() if record.provisional]

        await until(settled, 10, "an orphan has no end yet")
        records = {record.id: record for record in await running.records()}
        assert records.keys() == {record.id for record in orphans}
        for record in orphans:
            found = records[record.id]
            assert (found.outcome, found.provisional) == ("lost", False)
            assert found.ended_at == pytest.approx((record.started_at or 0.0) + 10.0)  # when it was last heard of
        assert not running.live()
        differences = await running.product.ledger.differences("main", 0.0, 4e9)
        assert [d.kind for d in differences] == ["lost"] * len(orphans)  # counted, and each explained
        assert not board.whole()["calls"]


async def test_they_wait_while_nobody_can_say_what_is_up(tmp_path: Path) -> None:
    """The PBX cannot be reached: the calls may well go on there."""
    await leave_behind(tmp_path, 60.0)
    async with silent() as pbx:
        url = url_of(pbx)
    async with running_product(tmp_path, pbx_url=url) as running:
        (reconciler,) = running.product.reconcilers
        report = await reconciler.compare()
        assert report is not None
        assert (report.differences, report.waiting) == ((), 1)
        await asyncio.sleep(0.5)
    database = await open_database(settings_of(tmp_path))
    assert [record.provisional for record in await records_of(CallSearch(database))] == [True]
    await database.close()
