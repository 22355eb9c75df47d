"""Who called, for who counts them: in order, each once, however many reads it takes."""

from __future__ import annotations

import msgspec
import pytest

from call_log import came as module
from call_log.came import Came, came
from call_log.model import Entry
from call_log.store import CallStore
from cti.kernel.db import Database
from cti.live.record import CallRecord
from tests.call_log.calls import DAY, record


def called(n: int, at: float, number: str | None = "+989121234567", direction: str = "inbound") -> CallRecord:
    made = record(n, at=at, direction=direction)
    return msgspec.structs.replace(made, caller=msgspec.structs.replace(made.caller, number=number))


async def test_inbound_calls_from_known_numbers(
    database: Database, store: CallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 2)
    calls = [called(n, DAY + 10 * (n // 3), f"+98912123456{n}") for n in range(7)]
    others = [called(20, DAY - 1), called(21, DAY + 5, None), called(22, DAY + 5, direction="outbound")]
    await store.save([Entry(call, DAY + 600) for call in (*others, *reversed(calls))])
    reads = [some async for some in came(database, DAY)]
    assert {one for some in reads for one in some} == {Came(c.id, c.caller.number or "", c.started_at) for c in calls}
    assert sum(map(len, reads)) == len(calls)
    times = [one.at for some in reads for one in some]
    assert times == sorted(times)
