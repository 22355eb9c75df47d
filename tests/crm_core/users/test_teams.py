"""Teams: a name and who is in it."""

from __future__ import annotations

import pytest

from crm_core.users.account import UserDraft
from cti.kernel.errors import ConflictError, NotFoundError
from tests.crm_core.users import people
from web.services import Crm


async def test_made_filled_renamed_and_gone(crm: Crm) -> None:
    boss, sara = await people.actor(crm), await people.make(crm, "sara")
    team = await crm.teams.create(boss, "فروش")
    assert team.users == ()
    team = await crm.teams.change(boss, team.id, name="فروش تهران", users=(sara.id, sara.id), version=1)
    assert (team.name, team.users, team.version) == ("فروش تهران", (sara.id,), 2)
    assert (await crm.users.get(boss, sara.id)).teams == (team.id,)
    await crm.teams.delete(boss, team.id)
    assert await crm.teams.all(boss) == ()
    assert (await crm.users.get(boss, sara.id)).teams == ()


async def test_from_the_users_side(crm: Crm) -> None:
    boss, sara = await people.actor(crm), await people.make(crm, "sara")
    team = await crm.teams.create(boss, "فروش")
    await crm.users.change(boss, sara.id, UserDraft(teams=(team.id,)))
    assert (await crm.teams.get(boss, team.id)).users == (sara.id,)
    with pytest.raises(NotFoundError):
        await crm.users.change(boss, sara.id, UserDraft(teams=("none",)))


async def test_what_cannot_be(crm: Crm) -> None:
    boss = await people.actor(crm)
    team, other = await crm.teams.create(boss, "فروش"), await crm.teams.create(boss, "پشتیبانی")
    with pytest.raises(ConflictError):
        await crm.teams.create(boss, "فروش")
    with pytest.raises(ConflictError):
        await crm.teams.change(boss, other.id, name="فروش")
    with pytest.raises(NotFoundError):
        await crm.teams.change(boss, team.id, users=("none",))
    with pytest.raises(ConflictError):
        await crm.teams.change(boss, team.id, name="x", version=7)


async def test_a_team_is_in_the_actor_at_once(crm: Crm) -> None:
    boss, sara = await people.actor(crm), await people.make(crm, "sara")
    _, secret = await people.sign_in(crm, sara)
    team = await crm.teams.create(boss, "فروش")
    await crm.teams.change(boss, team.id, users=(sara.id,))
    signed = await crm.access.of_session(secret)
    assert signed is not None and signed.actor.teams == {team.id}
