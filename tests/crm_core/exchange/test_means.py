"""In whose name an import is done, and that only its own process works on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.exchange.means import TakenAwayError, actor_of
from tests.crm_core.exchange.files import many
from tests.crm_core.exchange.imports import received
from web.services import Crm


async def test_it_is_done_in_the_name_of_who_began_it(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, many(tmp_path / "f", 2))
    actor = actor_of(one)
    assert (actor.id, actor.name, actor.origin, actor.kind) == ("me", "me", "192.0.2.1", "user")
    assert not actor.permissions


async def test_whoever_does_not_hold_it_writes_nothing(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, many(tmp_path / "f", 2))
    async with crm.database.transaction() as tx:
        with pytest.raises(TakenAwayError):
            await crm.exchange._means.hold(tx, one, "running")


async def test_a_plan_has_the_sites_region_and_the_fields_in_use(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, many(tmp_path / "f", 2), area_code="031", tags=("x",))
    plan = await crm.exchange._means.plan(one.mapping, one.policy)
    assert (plan.region, plan.area_code, plan.tags) == ("IR", "031", ("x",))
    order = await crm.exchange._means.order(one)
    assert (order.after, order.task) == (0, "read")
