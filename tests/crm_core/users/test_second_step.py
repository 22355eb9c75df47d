"""The second step: offered, confirmed, asked for, given up."""

from __future__ import annotations

import pyotp
import pytest

from crm_core.users.sessions import CodeNeeded, Entered, Visitor
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, TooManyError, UnauthenticatedError
from tests.crm_core.users import people
from tests.crm_core.users.people import PASSWORD
from web.services import Crm

HERE = Visitor("192.0.2.1", "Firefox")


async def switched_on(crm: Crm, clock: ManualClock) -> tuple[Actor, pyotp.TOTP, tuple[str, ...]]:
    actor, _ = await people.sign_in(crm, await people.make_with_password(crm, "sara"))
    offer = await crm.second_step.offer(actor)
    app = pyotp.TOTP(offer.secret)
    codes = await crm.second_step.confirm(actor, app.at(clock.now()))
    clock.advance(30)
    return actor, app, codes


async def test_the_code_is_asked_for_and_taken_once(crm: Crm, clock: ManualClock) -> None:
    actor, app, _ = await switched_on(crm, clock)
    assert (await crm.users.get(actor, actor.id)).totp
    needed = await crm.sessions.sign_in(HERE, "sara", PASSWORD)
    assert isinstance(needed, CodeNeeded)
    assert await crm.access.of_session(needed.ticket) is None
    code = app.at(clock.now())
    entered = await crm.sessions.sign_in_code(HERE, needed.ticket, code)
    assert isinstance(entered, Entered) and await crm.access.of_session(entered.secret) is not None
    with pytest.raises(UnauthenticatedError):
        await crm.sessions.sign_in_code(HERE, needed.ticket, app.at(clock.now() + 30))
    again = await crm.sessions.sign_in(HERE, "sara", PASSWORD)
    assert isinstance(again, CodeNeeded)
    with pytest.raises(UnauthenticatedError, match="used already"):
        await crm.sessions.sign_in_code(HERE, again.ticket, code)


async def test_a_recovery_code_works_once(crm: Crm, clock: ManualClock) -> None:
    actor, _, codes = await switched_on(crm, clock)
    for expected in (True, False):
        needed = await crm.sessions.sign_in(HERE, "sara", PASSWORD)
        assert isinstance(needed, CodeNeeded)
        if expected:
            await crm.sessions.sign_in_code(HERE, needed.ticket, codes[0].upper())
        else:
            with pytest.raises(UnauthenticatedError):
                await crm.sessions.sign_in_code(HERE, needed.ticket, codes[0])
    assert await crm.second_step.codes_left(actor) == 9
    assert len(await crm.second_step.renew_codes(actor, PASSWORD)) == 10
    assert await crm.second_step.codes_left(actor) == 10


async def test_codes_cannot_be_guessed_by_beginning_anew(crm: Crm, clock: ManualClock) -> None:
    """The right password does not forgive wrong codes."""
    await switched_on(crm, clock)
    tried = 0
    with pytest.raises(TooManyError):
        for _ in range(20):
            needed = await crm.sessions.sign_in(HERE, "sara", PASSWORD)
            assert isinstance(needed, CodeNeeded)
            with pytest.raises(UnauthenticatedError):
                await crm.sessions.sign_in_code(HERE, needed.ticket, "000000")
            tried += 1
    assert tried <= 3


async def test_the_password_waits_five_minutes(crm: Crm, clock: ManualClock) -> None:
    _, app, _ = await switched_on(crm, clock)
    needed = await crm.sessions.sign_in(HERE, "sara", PASSWORD)
    assert isinstance(needed, CodeNeeded)
    clock.advance(301)
    with pytest.raises(UnauthenticatedError, match="too long"):
        await crm.sessions.sign_in_code(HERE, needed.ticket, app.at(clock.now()))


async def test_nothing_changes_before_the_first_right_code(crm: Crm) -> None:
    actor, _ = await people.sign_in(crm, await people.make_with_password(crm, "sara"))
    with pytest.raises(ConflictError):
        await crm.second_step.confirm(actor, "123456")
    await crm.second_step.offer(actor)
    with pytest.raises(InvalidError):
        await crm.second_step.confirm(actor, "not it")
    assert isinstance(await crm.sessions.sign_in(HERE, "sara", PASSWORD), Entered)


async def test_given_up_by_oneself_or_an_administrator(crm: Crm, clock: ManualClock) -> None:
    actor, _, _ = await switched_on(crm, clock)
    with pytest.raises(ConflictError):
        await crm.second_step.offer(actor)
    with pytest.raises(ForbiddenError):
        await crm.second_step.drop(actor, "wrong password")
    await crm.second_step.drop(actor, PASSWORD)
    assert isinstance(await crm.sessions.sign_in(HERE, "sara", PASSWORD), Entered)
    offer = await crm.second_step.offer(actor)
    await crm.second_step.confirm(actor, pyotp.TOTP(offer.secret).at(clock.now()))
    await crm.second_step.drop_of(await people.actor(crm), actor.id)
    assert isinstance(await crm.sessions.sign_in(HERE, "sara", PASSWORD), Entered)
    assert await crm.second_step.codes_left(actor) == 0
