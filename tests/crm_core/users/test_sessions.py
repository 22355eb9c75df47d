"""Signing in, out, and ending what is open elsewhere."""

from __future__ import annotations

import pytest

from crm_core.audit.service import AuditFilter
from crm_core.users.limits import FREE_TRIES
from crm_core.users.sessions import Entered, Visitor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ForbiddenError, NotFoundError, TooManyError, UnauthenticatedError
from tests.crm_core.users import people
from tests.crm_core.users.people import PASSWORD
from web.services import Crm

HERE = Visitor("192.0.2.1", "Firefox")


async def test_in_and_out(crm: Crm) -> None:
    user = await people.make_with_password(crm, "sara")
    entered = await crm.sessions.sign_in(HERE, " Sara ", PASSWORD)
    assert isinstance(entered, Entered) and entered.user_id == user.id and not entered.must_change
    signed = await crm.access.of_session(entered.secret, "192.0.2.1")
    assert signed is not None
    assert (await crm.users.get(signed.actor, user.id)).signed_in_at is not None
    await crm.sessions.sign_out(signed.actor)
    assert await crm.access.of_session(entered.secret) is None


async def test_each_sign_in_is_a_session_of_its_own(crm: Crm) -> None:
    await people.make_with_password(crm, "sara")
    one, two = [await crm.sessions.sign_in(HERE, "sara", PASSWORD) for _ in range(2)]
    assert isinstance(one, Entered) and isinstance(two, Entered) and one.secret != two.secret


@pytest.mark.parametrize("login", ["sara", "nobody", "", "\0", "x" * 10_000, "\ud800", "sara' OR '1'='1"])
async def test_a_wrong_one_tells_nothing(crm: Crm, login: str) -> None:
    await people.make_with_password(crm, "sara")
    with pytest.raises(UnauthenticatedError, match=r"^The user name or the password is wrong\.$"):
        await crm.sessions.sign_in(HERE, login, "wrong")


async def test_who_has_no_password_cannot_use_one(crm: Crm) -> None:
    await people.make(crm, "sara")
    with pytest.raises(UnauthenticatedError):
        await crm.sessions.sign_in(HERE, "sara", "")


@pytest.mark.parametrize("login", ["sara", "nobody"])
async def test_locked_after_some_wrong_ones_whether_it_exists_or_not(crm: Crm, clock: ManualClock, login: str) -> None:
    await people.make_with_password(crm, "sara")
    for _ in range(FREE_TRIES):
        with pytest.raises(UnauthenticatedError):
            await crm.sessions.sign_in(HERE, login, "wrong")
    with pytest.raises(TooManyError):
        await crm.sessions.sign_in(HERE, login, PASSWORD)
    clock.advance(16)
    if login == "sara":
        assert isinstance(await crm.sessions.sign_in(HERE, login, PASSWORD), Entered)


async def test_the_audit_tells_who_came_and_who_did_not(crm: Crm) -> None:
    boss, user = await people.actor(crm), await people.make_with_password(crm, "sara")
    with pytest.raises(UnauthenticatedError):
        await crm.sessions.sign_in(HERE, "sara", "wrong")
    with pytest.raises(UnauthenticatedError):
        await crm.sessions.sign_in(HERE, "my secret typed in the wrong field", "wrong")
    await crm.sessions.sign_in(HERE, "sara", PASSWORD)
    entries = (await crm.audit.page(boss, AuditFilter(kind="user"))).items
    told = [(e.action, e.record, e.origin) for e in entries if e.action in ("refused", "signed-in")]
    assert told == [
        ("signed-in", user.id, HERE.origin),
        ("refused", "", HERE.origin),
        ("refused", user.id, HERE.origin),
    ]
    assert "secret" not in str(entries)


async def test_one_sees_and_ends_ones_own(crm: Crm) -> None:
    user = await people.make(crm, "sara")
    actor, here = await people.sign_in(crm, user)
    _, there = await people.sign_in(crm, user, "198.51.100.9")
    mine = await crm.sessions.all(actor)
    assert {s.origin for s in mine} == {"192.0.2.7", "198.51.100.9"} and [s.current for s in mine].count(True) == 1
    other = next(s for s in mine if not s.current)
    await crm.sessions.revoke(actor, other.id)
    assert await crm.access.of_session(there) is None and await crm.access.of_session(here) is not None
    _, there = await people.sign_in(crm, user)
    await crm.sessions.revoke_all(actor)
    assert await crm.access.of_session(there) is None and await crm.access.of_session(here) is not None


async def test_others_are_not_ones_own(crm: Crm) -> None:
    sara, _ = await people.sign_in(crm, await people.make(crm, "sara"))
    reza, secret = await people.sign_in(crm, await people.make(crm, "reza"))
    with pytest.raises(NotFoundError):
        await crm.sessions.revoke(sara, reza.session)
    with pytest.raises(ForbiddenError):
        await crm.sessions.all(sara, reza.id)
    with pytest.raises(ForbiddenError):
        await crm.sessions.revoke_all(sara, reza.id)
    boss = await people.actor(crm)
    assert len(await crm.sessions.all(boss, reza.id)) == 1
    await crm.sessions.revoke_all(boss, reza.id)
    assert await crm.access.of_session(secret) is None


async def test_a_browser_that_calls_itself_anything(crm: Crm) -> None:
    await people.make_with_password(crm, "sara")
    strange = Visitor("192.0.2.1", "<script>\0\ud800" + "x" * 100_000)
    entered = await crm.sessions.sign_in(strange, "sara", PASSWORD)
    assert isinstance(entered, Entered)
    signed = await crm.access.of_session(entered.secret)
    assert signed is not None
    assert len((await crm.sessions.all(signed.actor))[0].browser) == 300
