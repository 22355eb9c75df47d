"""What is told while an import goes on."""

from __future__ import annotations

from pathlib import Path

from crm_core.exchange.events import ImportMoved
from cti.kernel.clock import ManualClock
from tests.crm_core.exchange.files import many
from tests.crm_core.exchange.imports import ME, checked, reverted
from web.services import Crm


async def test_each_state_is_told_and_progress_once_a_second(
    crm: Crm, clock: ManualClock, told: list[object], tmp_path: Path
) -> None:
    def moves() -> int:
        found = [event for event in told if isinstance(event, ImportMoved)]
        told.clear()
        assert {(event.id, event.actor) for event in found} == {(one.id, ME.id)}
        return len(found)

    one = await checked(crm, many(tmp_path / "f", 2_500))
    assert moves() == 3  # mapped, asked for, done
    await crm.exchange.start(ME, one.id)
    clock.advance(5)
    assert await crm.exchange.work.one()
    assert moves() == 3  # asked for, the first of its batches (the clock stands still), done
    await reverted(crm, one)
    assert moves() == 2
