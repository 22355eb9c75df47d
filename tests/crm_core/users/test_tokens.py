"""API tokens: never more than their user, never longer than they should."""

from __future__ import annotations

import pytest

from crm_core.users.account import UserDraft
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.users import people
from web.services import Crm


async def test_it_acts_for_its_user(crm: Crm) -> None:
    actor, _ = await people.sign_in(crm, await people.make(crm, "sara", extensions=("201",)))
    made = await crm.tokens.create(actor, "my script")
    assert made.secret.startswith("tamas_") and made.token.scopes is None
    signed = await crm.access.of_token(made.secret, "192.0.2.2")
    assert signed is not None
    assert (signed.actor.id, signed.actor.kind, signed.actor.session) == (actor.id, "token", made.token.id)
    assert signed.actor.permissions == actor.permissions and signed.actor.extensions == {"201"}
    async with crm.database.read() as reader:
        assert made.secret not in str(await reader.fetch("SELECT * FROM token"))


async def test_scopes_narrow(crm: Crm) -> None:
    actor, _ = await people.sign_in(crm, await people.make(crm, "sara"))
    made = await crm.tokens.create(actor, "reader", scopes=("contacts.view",))
    signed = await crm.access.of_token(made.secret)
    assert signed is not None and signed.actor.permissions == {"contacts.view"}
    with pytest.raises(ForbiddenError):
        await crm.tokens.create(actor, "more", scopes=("audit.view",))
    with pytest.raises(InvalidError):
        await crm.tokens.create(actor, "nonsense", scopes=("fly",))


async def test_what_the_user_loses_the_token_loses(crm: Crm) -> None:
    boss = await people.actor(crm)
    sara, _ = await people.sign_in(crm, await people.make(crm, "sara", "manager"))
    made = await crm.tokens.create(sara, "export", scopes=("contacts.export", "contacts.view"))
    await crm.users.change(boss, sara.id, UserDraft(role="agent"))
    signed = await crm.access.of_token(made.secret)
    assert signed is not None and signed.actor.permissions == {"contacts.view"}
    await crm.users.switch(boss, sara.id, active=False)
    assert await crm.access.of_token(made.secret) is None


async def test_a_token_cannot_make_more_of_itself(crm: Crm) -> None:
    sara, _ = await people.sign_in(crm, await people.make(crm, "sara", "manager"))
    narrow = await crm.tokens.create(sara, "narrow", scopes=("tokens.own", "contacts.view"))
    signed = await crm.access.of_token(narrow.secret)
    assert signed is not None
    child = await crm.access.of_token((await crm.tokens.create(signed.actor, "child")).secret)
    assert child is not None and child.actor.permissions == {"tokens.own", "contacts.view"}
    with pytest.raises(ForbiddenError):
        await crm.tokens.create(signed.actor, "child", scopes=("contacts.export",))


async def test_it_ends(crm: Crm, clock: ManualClock) -> None:
    sara, _ = await people.sign_in(crm, await people.make(crm, "sara"))
    made = await crm.tokens.create(sara, "a day", expires_at=clock.now() + 86_400)
    with pytest.raises(InvalidError):
        await crm.tokens.create(sara, "yesterday", expires_at=clock.now() - 1)
    assert await crm.access.of_token(made.secret) is not None
    clock.advance(86_400)
    assert await crm.access.of_token(made.secret) is None
    assert await crm.tokens.all(sara) == ()


async def test_revoked_is_over_at_once(crm: Crm) -> None:
    sara, _ = await people.sign_in(crm, await people.make(crm, "sara"))
    reza, _ = await people.sign_in(crm, await people.make(crm, "reza"))
    made = await crm.tokens.create(sara, "x")
    assert [t.id for t in await crm.tokens.all(sara)] == [made.token.id]
    with pytest.raises(NotFoundError):
        await crm.tokens.revoke(reza, made.token.id)
    await crm.tokens.revoke(sara, made.token.id)
    assert await crm.access.of_token(made.secret) is None
    with pytest.raises(NotFoundError):
        await crm.tokens.revoke(sara, made.token.id)


async def test_for_others_by_who_manages_users(crm: Crm) -> None:
    boss, user = await people.actor(crm), await people.make(crm, "sara")
    made = await crm.tokens.create(boss, "for her", user_id=user.id)
    signed = await crm.access.of_token(made.secret)
    assert signed is not None and signed.actor.id == user.id
    role = await crm.roles.create(boss, "Personnel", ("users.manage",))
    clerk, _ = await people.sign_in(crm, await people.make(crm, "clerk", role.id))
    with pytest.raises(ForbiddenError):
        await crm.tokens.create(clerk, "to rise", user_id=boss.id)


async def test_a_session_is_no_token_and_the_other_way_round(crm: Crm) -> None:
    sara, secret = await people.sign_in(crm, await people.make(crm, "sara"))
    made = await crm.tokens.create(sara, "x")
    assert await crm.access.of_token(secret) is None
    assert await crm.access.of_session(made.secret) is None
