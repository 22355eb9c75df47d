"""Who stands behind a cookie: remembered, and forgotten the moment it changes."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from crm_core.users.access import IDLE_SECONDS, LIFE_SECONDS, LOOK_SECONDS, SEEN_SECONDS, Access, secret_hash
from crm_core.users.account import UserDraft
from cti.app.crm import open_crm
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.kernel.errors import DatabaseUnavailableError
from cti.kernel.settings import Settings
from tests.crm_core.users import people
from web.services import Crm


async def test_the_actor_is_the_user(crm: Crm) -> None:
    team = await crm.teams.create(await people.actor(crm), "فروش")
    user = await people.make(crm, "sara", "supervisor", extensions=("201",), teams=(team.id,))
    actor, secret = await people.sign_in(crm, user, "192.0.2.9")
    assert (actor.id, actor.kind, actor.role, actor.origin) == (user.id, "user", "supervisor", "192.0.2.9")
    assert actor.extensions == {"201"} and actor.teams == {team.id}
    assert actor.may("calls.view_team") and not actor.may("calls.view_all")
    assert actor.session == secret_hash(secret)


@pytest.mark.parametrize("secret", ["", "wrong", "\0", "\ud800", "x" * 10_000])
async def test_what_is_none_opens_nothing(crm: Crm, secret: str) -> None:
    assert await crm.access.of_session(secret) is None
    assert await crm.access.of_token(secret) is None


async def test_the_cookie_itself_is_not_in_the_database(crm: Crm) -> None:
    _, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    async with crm.database.read() as reader:
        rows = await reader.fetch("SELECT * FROM session")
    assert secret not in str(rows)


async def test_a_session_that_is_not_used_ends(crm: Crm, clock: ManualClock) -> None:
    _, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    clock.advance(IDLE_SECONDS - 1)
    assert await crm.access.of_session(secret) is not None
    clock.advance(IDLE_SECONDS - 1)  # it was used in between
    assert await crm.access.of_session(secret, seen=False) is not None
    clock.advance(1)
    assert await crm.access.of_session(secret) is None


async def test_a_session_ends_however_much_it_is_used(crm: Crm, clock: ManualClock) -> None:
    _, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    for _ in range(int(LIFE_SECONDS / 36_000) - 1):
        clock.advance(36_000)
        assert await crm.access.of_session(secret) is not None
    clock.advance(36_000)
    assert await crm.access.of_session(secret) is None


async def test_when_it_was_last_used_is_kept(crm: Crm, clock: ManualClock, database: Database) -> None:
    actor, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    clock.advance(SEEN_SECONDS)
    await crm.access.of_session(secret)
    await crm.access.flush()
    assert (await crm.sessions.all(actor))[0].seen_at == clock.now()
    assert await Access(database, clock).of_session(secret) is not None


async def test_another_process_is_noticed(crm: Crm, clock: ManualClock, database: Database) -> None:
    beside = open_crm(Settings(), database, clock)
    user = await people.make(crm, "sara")
    _, secret = await people.sign_in(crm, user)
    await people.make(crm, "boss", "administrator")
    await beside.users.change(people.SYSTEM, user.id, UserDraft(role="manager"))
    clock.advance(LOOK_SECONDS)
    signed = await crm.access.of_session(secret)
    assert signed is not None and signed.actor.role == "manager"
    await beside.users.switch(people.SYSTEM, user.id, active=False)
    clock.advance(LOOK_SECONDS)
    assert await crm.access.of_session(secret) is None


async def test_a_role_that_changes_changes_who_has_it(crm: Crm) -> None:
    boss = await people.actor(crm)
    _, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    await crm.roles.change(boss, "agent", permissions=("contacts.view",))
    signed = await crm.access.of_session(secret)
    assert signed is not None and signed.actor.permissions == {"contacts.view"}


async def test_a_change_that_fails_changes_nothing(crm: Crm) -> None:
    with pytest.raises(RuntimeError):
        async with crm.access.changing() as tx:
            await tx.execute("DELETE FROM role")
            raise RuntimeError
    assert len(await crm.roles.all(people.SYSTEM)) == 4


class Gone(Database):
    """A database that can be taken away."""

    away = False

    def read(self):  # type: ignore[no-untyped-def]
        if self.away:
            raise ConnectionRefusedError("no database there")
        return super().read()


async def test_while_the_database_is_away_who_is_in_stays_in(ready_url: str, clock: ManualClock) -> None:
    database = Gone.at(ready_url)
    crm = open_crm(Settings(), database, clock)
    _, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    database.away = True
    clock.advance(10)
    assert await crm.access.of_session(secret) is not None
    with pytest.raises(DatabaseUnavailableError):
        await crm.access.of_session("somebody else")
    clock.advance(600)
    with pytest.raises(DatabaseUnavailableError):
        await crm.access.of_session(secret)
    database.away = False
    assert await crm.access.of_session(secret) is not None
    await database.close()


async def test_it_is_quick(crm: Crm) -> None:
    """Each request asks: it must not cost a query."""
    _, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    async with asyncio.timeout(2.0):
        for _ in range(10_000):
            await crm.access.of_session(secret)


def test_nothing_secret_is_in_what_is_shown() -> None:
    from crm_core.users.account import User

    assert not {f.name for f in msgspec.structs.fields(User)} & {"password", "totp_secret", "totp_pending"}
