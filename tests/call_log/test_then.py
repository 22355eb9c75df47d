"""What the log knows of a moment: the calls that were up, and the day's counters as they stood."""

from __future__ import annotations

from call_log.model import Entry
from call_log.store import CallStore
from call_log.then import oldest_up, totals
from cti.kernel.db import Database
from screenpop.board import contribution
from tests.call_log.calls import DAY, provisional, record


async def test_the_oldest_call_that_was_up(database: Database, store: CallStore) -> None:
    calls = [record(1, at=DAY + 10, ended_at=DAY + 100), record(2, at=DAY + 20, ended_at=DAY + 50)]
    calls += [record(3, at=DAY - 90_000, ended_at=DAY + 500)]  # longer than anybody looks back
    await store.save([Entry(call, DAY + 600) for call in calls])
    await store.save([Entry(provisional(record(4, at=DAY + 200, ended_at=None)), DAY + 600)])
    async with database.read() as reader:
        assert await oldest_up(reader, DAY + 40, 86_400) == {"main": DAY + 10}
        assert await oldest_up(reader, DAY + 99, 86_400) == {"main": DAY + 10}
        assert await oldest_up(reader, DAY + 150, 86_400) == {}
        assert await oldest_up(reader, DAY + 300, 86_400) == {"main": DAY + 200}


async def test_the_days_counters_as_they_stood(database: Database, store: CallStore) -> None:
    kinds = [{}, {"outcome": "abandoned"}, {"direction": "outbound"}, {"direction": "internal"}, {"kind": "monitoring"}]
    calls = [record(n, at=DAY + 100 * n, ended_at=DAY + 100 * n + 50, **kinds[n % 5]) for n in range(20)]
    await store.save([Entry(call, DAY + 5000) for call in calls])
    async with database.read() as reader:
        for at in (DAY - 5, DAY + 49, DAY + 51, DAY + 777, DAY + 5000):
            expected: dict[str, int] = {}
            for call in calls:
                if call.kind == "call" and call.ended_at is not None and call.ended_at <= at:
                    for key, value in contribution(call).items():
                        expected[key] = expected.get(key, 0) + value
            found = {key: round(value) for key, value in (await totals(reader, DAY, at)).items() if value}
            for key in set(expected) - {"talk_seconds", "wait_seconds"}:
                assert found[key] == expected[key], (at, key)
            assert abs(found.get("talk_seconds", 0) - expected.get("talk_seconds", 0)) <= len(calls)
