"""Users: made, changed, switched off; who manages them cannot make himself more than he is."""

from __future__ import annotations

import pytest

from crm_core.audit.service import AuditFilter
from crm_core.users.account import Preferences, UserDraft
from crm_core.users.sessions import Entered, Visitor
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from tests.crm_core.users import people
from tests.crm_core.users.people import PASSWORD, SYSTEM
from web.services import Crm


async def test_created_with_a_one_time_password(crm: Crm) -> None:
    made = await crm.users.create(
        SYSTEM, UserDraft(login="Sara۱", name="سارا محمدی", role="agent", extensions=("201",))
    )
    assert made.user.login == "sara1" and made.user.extensions == ("201",) and made.user.must_change
    entered = await crm.sessions.sign_in(Visitor(), "SARA1", made.one_time or "")
    assert isinstance(entered, Entered) and entered.must_change
    signed = await crm.access.of_session(entered.secret)
    assert signed is not None and signed.actor.permissions == frozenset()
    await crm.users.change_password(signed.actor, made.one_time or "", PASSWORD)
    signed = await crm.access.of_session(entered.secret)
    assert signed is not None and not signed.must_change and signed.actor.may("calls.view")


async def test_the_directory_has_everybody_in_order(crm: Crm) -> None:
    await people.make(crm, "xb", name="b")
    await people.make(crm, "xa", name="a", extensions=("202", "201"))
    refs = await crm.users.directory(await people.actor(crm, "agent"))
    assert [ref.name for ref in refs if len(ref.name) == 1] == ["a", "b"]
    assert refs[0].extensions == ("202", "201")


async def test_pages_go_on_where_they_ended(crm: Crm) -> None:
    boss = await people.actor(crm)
    for name in "cab":
        await people.make(crm, f"x{name}", name=name)
    first = await crm.users.page(boss, limit=2)
    rest = await crm.users.page(boss, cursor=first.next, limit=10)
    assert [u.name for u in (*first.items, *rest.items)] == ["a", "a-administrator", "b", "c"]
    assert rest.next is None


async def test_a_login_is_taken_once(crm: Crm) -> None:
    await people.make(crm, "sara")
    with pytest.raises(ConflictError):
        await people.make(crm, "SARA")
    with pytest.raises(InvalidError):
        await people.make(crm, "two words")
    with pytest.raises(NotFoundError):
        await people.make(crm, "reza", "no such role")


async def test_a_change_names_the_version_it_is_of(crm: Crm) -> None:
    boss, user = await people.actor(crm), await people.make(crm, "sara")
    changed = await crm.users.change(boss, user.id, UserDraft(name="سارا", queues=("sales",)), version=1)
    assert (changed.name, changed.queues, changed.version) == ("سارا", ("sales",), 2)
    with pytest.raises(ConflictError):
        await crm.users.change(boss, user.id, UserDraft(name="x"), version=1)


async def test_every_change_is_in_the_audit(crm: Crm) -> None:
    boss, user = await people.actor(crm), await people.make(crm, "sara")
    await crm.users.change(boss, user.id, UserDraft(role="supervisor"))
    page = await crm.audit.page(boss, AuditFilter(kind="user", id=user.id))
    assert [entry.action for entry in page.items] == ["changed", "created"]
    assert page.items[0].detail == {"changed": {"role": ["agent", "supervisor"]}}


async def test_somebody_keeps_the_keys(crm: Crm) -> None:
    boss = await people.actor(crm)
    with pytest.raises(ConflictError):
        await crm.users.switch(boss, boss.id, active=False)
    with pytest.raises(ConflictError):
        await crm.users.change(boss, boss.id, UserDraft(role="manager"))
    await people.make(crm, "second", "administrator")
    assert not (await crm.users.switch(boss, boss.id, active=False)).active


async def test_who_manages_users_only_cannot_rise(crm: Crm) -> None:
    boss = await people.actor(crm)
    role = await crm.roles.create(boss, "Personnel", ("users.manage", "contacts.view"))
    clerk, _ = await people.sign_in(crm, await people.make(crm, "clerk", role.id))
    with pytest.raises(ForbiddenError):
        await crm.users.create(clerk, UserDraft(login="mine", name="x", role="administrator"))
    with pytest.raises(ForbiddenError):
        await crm.users.set_password(clerk, boss.id)
    with pytest.raises(ForbiddenError):
        await crm.users.change(clerk, clerk.id, UserDraft(role="administrator"))
    assert (await crm.users.create(clerk, UserDraft(login="other", name="x", role=role.id))).one_time


async def test_switched_off_is_out_at_once(crm: Crm) -> None:
    boss = await people.actor(crm)
    user = await people.make_with_password(crm, "sara")
    _, secret = await people.sign_in(crm, user)
    await crm.users.switch(boss, user.id, active=False)
    assert await crm.access.of_session(secret) is None
    with pytest.raises(UnauthenticatedError):
        await crm.sessions.sign_in(Visitor(), "sara", PASSWORD)
    await crm.users.switch(boss, user.id, active=True)
    assert await crm.access.of_session(secret) is None
    assert isinstance(await crm.sessions.sign_in(Visitor(), "sara", PASSWORD), Entered)


async def test_a_password_that_others_set_ends_the_sessions(crm: Crm) -> None:
    boss, user = await people.actor(crm), await people.make(crm, "sara")
    _, secret = await people.sign_in(crm, user)
    one_time = await crm.users.set_password(boss, user.id)
    assert await crm.access.of_session(secret) is None
    entered = await crm.sessions.sign_in(Visitor(), "sara", one_time or "")
    assert isinstance(entered, Entered) and entered.must_change


async def test_ones_own_password_needs_the_old_one(crm: Crm) -> None:
    user = await people.make_with_password(crm, "sara")
    (actor, here), (_, elsewhere) = await people.sign_in(crm, user), await people.sign_in(crm, user)
    with pytest.raises(ForbiddenError):
        await crm.users.change_password(actor, "not this one", "another long one")
    with pytest.raises(InvalidError):
        await crm.users.change_password(actor, PASSWORD, PASSWORD)
    await crm.users.change_password(actor, PASSWORD, "another long one")
    assert await crm.access.of_session(here) is not None
    assert await crm.access.of_session(elsewhere) is None


async def test_preferences_are_ones_own(crm: Crm) -> None:
    actor, _ = await people.sign_in(crm, await people.make(crm, "sara"))
    user = await crm.users.prefer(actor, Preferences(language="en", density="compact"))
    assert (user.language, user.density, user.theme) == ("en", "compact", "")


async def test_what_a_database_cannot_keep_is_no_user(crm: Crm) -> None:
    boss = await people.actor(crm)
    for bad in ("\0", "\ud800", "' OR 1=1 --"):
        with pytest.raises(NotFoundError):
            await crm.users.get(boss, bad)
        with pytest.raises(NotFoundError):
            await crm.users.by_login(boss, bad)
