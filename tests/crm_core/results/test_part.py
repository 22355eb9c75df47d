"""Who may say something of a call, and who may read what was said."""

from __future__ import annotations

import msgspec
import pytest

from cti.kernel.actor import NOBODY
from cti.kernel.errors import ForbiddenError, NotFoundError, UnauthenticatedError
from tests.crm_core.results.calls import BOSS, NIMA, OUTSIDER, SARA, STRANGER, logged
from tests.crm_core.users import people
from web.services import Crm


async def test_who_had_a_part_says_and_reads(crm: Crm) -> None:
    one = await logged(crm)
    for actor in (SARA, NIMA, BOSS):
        assert (await crm.results._calls.may_say(actor, one.id)).record.id == one.id
    for call_id in (one.id, "none", "", "x" * 400, "a\0b"):
        with pytest.raises(NotFoundError):
            await crm.results._calls.may_read(OUTSIDER, call_id)
    with pytest.raises(ForbiddenError):
        await crm.results._calls.may_read(STRANGER, one.id)
    with pytest.raises(UnauthenticatedError):
        await crm.results._calls.may_say(NOBODY, one.id)


async def test_a_supervisor_reads_his_teams_calls_and_says_nothing_of_them(crm: Crm) -> None:
    one = await logged(crm)
    admin = await people.actor(crm)
    team = await crm.teams.create(admin, "sales")
    await people.make(crm, "sara", "agent", extensions=("201",), teams=(team.id,))
    boss = msgspec.structs.replace(OUTSIDER, permissions=OUTSIDER.permissions | {"calls.view_team"})
    mate = msgspec.structs.replace(boss, teams=frozenset({team.id}))
    assert await crm.results._calls.may_read(mate, one.id)
    with pytest.raises(ForbiddenError, match="part"):
        await crm.results._calls.may_say(mate, one.id)
    for actor in (boss, msgspec.structs.replace(boss, teams=frozenset({"other"}))):
        with pytest.raises(NotFoundError):
            await crm.results._calls.may_read(actor, one.id)
