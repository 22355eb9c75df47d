"""A call from nobody becomes somebody's, streams become one and two again, and a kill loses nothing."""

from __future__ import annotations

import asyncio

import pytest

from call_log.model import Entry
from call_log.recorder import KINDS, Recorder
from call_log.store import CallStore
from crm_core.timeline.calls import HEARD, Calls
from crm_core.timeline.model import of_number, of_party
from cti.app.crm import open_crm
from cti.kernel.bus import Bus
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from cti.live.events import CallEnded
from screenpop.board import Board
from screenpop.feed import Feed
from screenpop.streams import HEARD as NEWS
from screenpop.streams import Streams
from tests.crm import clock, ready_url
from tests.crm_core.timeline.people import ELHAM, MOBILE, call, party
from tests.crm_core.timeline.test_service import stream
from web.services import Crm

__all__ = ["clock", "ready_url"]


async def test_from_the_wire_to_the_stream(ready_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The bus, the recorder, the log, the timeline and the pushes as the product wires them."""
    bus, clock = Bus(), SystemClock()
    database = Database.at(ready_url, publish=bus.publish)
    crm = open_crm(Settings(data=str(tmp_path_factory.mktemp("data"))), database, clock)
    store = CallStore(database)
    recorder, calls = Recorder(store, clock), Calls(database, clock, store, [crm.notes.follow])
    feed = Feed(Board(lambda number, raw: raw or "", lambda at: "day"))
    bus.subscribe_batches("call log", KINDS, recorder.take)
    bus.subscribe_batches("timeline", HEARD, calls.take)
    bus.subscribe_batches("streams", NEWS, Streams(feed, crm.timeline.watchers).take)
    running = [asyncio.create_task(recorder.run()), asyncio.create_task(calls.run())]
    maryam = await party(crm, "مریم", "0912 111 2233")
    client = feed.hub.join(lambda: None, ELHAM)
    feed.hub.watch(client, [f"party:{maryam.id}"])
    feed.hub.take(client)

    bus.publish(CallEnded(1.0, call(1)))
    await until(crm, of_party(maryam.id), 1)
    async with asyncio.timeout(5):
        while not (told := feed.hub.take(client)):  # noqa: ASYNC110 - what the bus brings
            await asyncio.sleep(0.01)
    assert f"party:{maryam.id}".encode() in told

    for task in running:
        task.cancel()
    await bus.close()
    await database.close()


async def until(crm: Crm, subject: str, count: int) -> None:
    async with asyncio.timeout(10):
        while len(await stream(crm, subject)) != count:  # noqa: ASYNC110 - what the bus brings
            await asyncio.sleep(0.01)


async def test_merged_and_taken_apart(ready_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    database, clock = Database.at(ready_url), SystemClock()
    crm = open_crm(Settings(data=str(tmp_path_factory.mktemp("data"))), database, clock)
    store = CallStore(database)
    first, second = call(1), call(2, "+989350000000")
    await store.save([Entry(first, 1.0), Entry(second, 1.0)])
    await Calls(database, clock, store).catch_up()
    assert await stream(crm, of_number(MOBILE)) == [first.id]
    a, b = await party(crm, "مریم", "0912 111 2233"), await party(crm, "مریم ر", "0935 000 0000")
    note = await crm.notes.write(ELHAM, "hers", b.id)
    own = {a.id: [first.id], b.id: [note.id, second.id]}
    for one, found in own.items():
        assert sorted(await stream(crm, of_party(one))) == sorted(found)
    await crm.duplicates.merge(ELHAM, a.id, (b.id,))
    for one in (a.id, b.id):
        assert set(await stream(crm, of_party(one), "call", "note")) == {first.id, second.id, note.id}
    await crm.duplicates.unmerge(ELHAM, a.id)
    for one, found in own.items():
        assert sorted(await stream(crm, of_party(one), "call", "note")) == sorted(found)
    await database.close()
