"""The first administrator, and the demo's people for as long as it is a demo."""

from __future__ import annotations

import pytest

from crm_core.users.account import UserDraft
from crm_core.users.sessions import Entered, Visitor
from cti.kernel.errors import UnauthenticatedError
from tests.crm_core.users import people
from web.services import Crm

DEMO = (
    UserDraft(login="agent", name="سارا", role="agent"),
    UserDraft(login="admin", name="شیرین", role="administrator"),
)


async def test_a_first_start_makes_an_administrator_once(crm: Crm) -> None:
    made = await crm.starting.first_administrator()
    assert made is not None
    entered = await crm.sessions.sign_in(Visitor(), *made)
    assert isinstance(entered, Entered) and entered.must_change
    assert await crm.starting.first_administrator() is None


async def test_who_exists_may_not_be_enough(crm: Crm) -> None:
    await people.make(crm, "admin", "agent")
    made = await crm.starting.first_administrator()
    assert made is not None and made[0] == "admin2"


async def test_roles_that_were_spoiled_do_not_keep_everybody_out(crm: Crm) -> None:
    async with crm.access.changing() as tx:
        await tx.execute("UPDATE role SET permissions = ''")
    made = await crm.starting.first_administrator()
    assert made is not None
    user = await crm.users.by_login(people.SYSTEM, made[0])
    assert "roles.manage" in (await crm.roles.get(people.SYSTEM, user.role)).permissions


async def test_the_demos_people_keep_their_passwords(crm: Crm) -> None:
    fresh = await crm.starting.demo(DEMO, {})
    assert set(fresh) == {"agent", "admin"}
    kept = {login: secret.kept for login, secret in fresh.items()}
    assert await crm.starting.demo(DEMO, kept) == {}
    entered = await crm.sessions.sign_in(Visitor(), "agent", fresh["agent"].password)
    assert isinstance(entered, Entered) and not entered.must_change
    assert not await crm.starting.has_own_users()
    assert await crm.starting.first_administrator() is None


async def test_and_are_gone_with_the_demo(crm: Crm) -> None:
    fresh = await crm.starting.demo(DEMO, {})
    entered = await crm.sessions.sign_in(Visitor(), "admin", fresh["admin"].password)
    assert isinstance(entered, Entered)
    assert await crm.starting.drop_demo() == 2
    assert await crm.access.of_session(entered.secret) is None
    with pytest.raises(UnauthenticatedError):
        await crm.sessions.sign_in(Visitor(), "admin", fresh["admin"].password)
    assert await crm.starting.drop_demo() == 0
    made = await crm.starting.first_administrator()
    assert made is not None and made[0] == "admin2"
    assert await crm.starting.has_own_users()


async def test_back_to_the_demo(crm: Crm) -> None:
    fresh = await crm.starting.demo(DEMO, {})
    kept = {login: secret.kept for login, secret in fresh.items()}
    await crm.starting.drop_demo()
    again = await crm.starting.demo(DEMO, kept)
    assert isinstance(await crm.sessions.sign_in(Visitor(), "agent", again["agent"].password), Entered)


async def test_the_demos_people_are_one_team_that_goes_with_them(crm: Crm) -> None:
    colleague = UserDraft(login="demo-202", name="Ali", role="agent", extensions=("202",))
    for _start in range(2):
        await crm.starting.demo(DEMO, {})
        for _again in range(2):
            await crm.starting.demo_team("Centre", [colleague])
        (team,) = await crm.teams.all(people.SYSTEM)
        users = {user.login: user for user in await crm.users.directory(people.SYSTEM)}
        assert set(users) == {"agent", "admin", "demo-202"}
        assert set(team.users) == {user.id for user in users.values()}
        with pytest.raises(UnauthenticatedError):
            await crm.sessions.sign_in(Visitor(), "demo-202", "")
        assert await crm.starting.drop_demo() == 3
        assert await crm.teams.all(people.SYSTEM) == ()
