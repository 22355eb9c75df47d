"""The dry run tells what would become of a file, and writes nothing."""

from __future__ import annotations

from pathlib import Path

from crm_core.contacts.model import Draft, DraftNumber
from tests.crm_core.exchange.files import dirty_xlsx, many
from tests.crm_core.exchange.imports import ME, checked, done, everybody
from web.services import Crm


async def test_the_forecast_comes_true(crm: Crm, tmp_path: Path) -> None:
    maryam = await crm.contacts.create(ME, "person", Draft(name="مریم ر.", numbers=(DraftNumber("09351234567"),)))
    path = dirty_xlsx(tmp_path / "f")
    for policy in ("skip", "fill"):
        one = await checked(crm, path, on_match=policy)
        assert (one.state, one.total) == ("checked", 10)
        assert one.profile is not None
        assert one.profile.matches == 1
        assert (one.profile.match_examples[0].row, one.profile.match_examples[0].other) == (4, maryam.id)
        forecast = one.profile.outcomes
        assert sum(forecast.values()) == 10
    assert len(await everybody(crm)) == 1
    real = await done(crm, path, on_match="skip")
    assert real.created == forecast["created"]
    assert real.faulty == forecast["faulty"]


async def test_a_dry_run_can_be_stopped(crm: Crm, tmp_path: Path) -> None:
    one = await checked(crm, many(tmp_path / "f", 5))
    await crm.exchange.check(ME, one.id)
    assert (await crm.exchange.cancel(ME, one.id)).state == "uploaded"
    assert not await crm.exchange.work.one(one.id)
