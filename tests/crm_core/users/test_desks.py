"""Sitting down at a phone: it is mine until I sign out or somebody takes it, and both are told."""

from __future__ import annotations

import pytest

from crm_core.users.desks import DeskTaken, PeopleAtPhones
from cti.kernel.actor import system
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from tests.crm_core.users import pbxs, people
from web.services import Crm


@pytest.fixture(autouse=True)
async def pbx(crm: Crm) -> None:
    await pbxs.tell(crm.directory)


async def names(crm: Crm) -> dict[str, str]:
    return dict((await crm.desks.people()).names)


async def test_the_phone_is_mine_until_i_sign_out(crm: Crm) -> None:
    sara, secret = await people.sign_in(crm, await people.make(crm, "sara", name="Sara", extensions=("201",)))
    assert await crm.desks.sit(sara, "202") == ()
    signed = await crm.access.of_session(secret)
    assert signed is not None and signed.actor.extensions == {"201", "202"}
    assert await crm.desks.seat(sara) == "202"
    assert (await names(crm))["202"] == "Sara"
    await crm.sessions.sign_out(sara)
    assert "202" not in await names(crm)
    assert (await crm.desks.phones(await people.actor(crm)))[1].sitter is None


async def test_a_phone_that_somebody_sits_at_has_to_be_taken_and_both_hear_of_it(crm: Crm, told: list[object]) -> None:
    sara, secret = await people.sign_in(crm, await people.make(crm, "sara", name="Sara"))
    reza, _ = await people.sign_in(crm, await people.make(crm, "reza", name="Reza"))
    await crm.desks.sit(sara, "202")
    with pytest.raises(ConflictError, match="Sara works at this phone now"):
        await crm.desks.sit(reza, "202")
    assert await crm.desks.sit(reza, "202", take=True) == ("Sara",)
    assert (await names(crm))["202"] == "Reza"
    signed = await crm.access.of_session(secret)
    assert signed is not None and signed.actor.extensions == frozenset()
    (taken,) = [event for event in told if isinstance(event, DeskTaken)]
    assert (taken.user, taken.extension, taken.taken_by) == (sara.id, "202", "Reza")
    lost = await crm.desks.lost(sara)
    assert lost is not None and (lost.extension, lost.taken_by) == ("202", "Reza")
    assert await crm.desks.lost(reza) is None
    await crm.desks.read(sara)
    assert await crm.desks.lost(sara) is None


async def test_an_owner_who_is_there_is_asked_for_one_who_is_not_is_not(crm: Crm) -> None:
    owner = await people.make(crm, "owner", name="Owner", extensions=("201",))
    guest, _ = await people.sign_in(crm, await people.make(crm, "guest", name="Guest"))
    await crm.desks.sit(guest, "201")
    await crm.desks.stand(guest)
    at_his, secret = await people.sign_in(crm, owner)
    assert at_his.extensions == {"201"}
    with pytest.raises(ConflictError, match="Owner works"):
        await crm.desks.sit(guest, "201")
    await crm.desks.sit(guest, "201", take=True)
    signed = await crm.access.of_session(secret)
    assert signed is not None and signed.actor.extensions == frozenset()
    await crm.desks.stand(guest)
    signed = await crm.access.of_session(secret)
    assert signed is not None and signed.actor.extensions == {"201"}


async def test_who_sits_elsewhere_leaves_his_own_to_whoever_comes(crm: Crm) -> None:
    owner, _ = await people.sign_in(crm, await people.make(crm, "owner", name="Owner", extensions=("201",)))
    guest, _ = await people.sign_in(crm, await people.make(crm, "guest", name="Guest"))
    await crm.desks.sit(owner, "203")
    assert await crm.desks.sit(guest, "201") == ()
    assert {k: v for k, v in (await names(crm)).items() if "/" not in k} == {"201": "Guest", "203": "Owner"}


async def test_one_sits_at_one_phone_at_a_time(crm: Crm) -> None:
    sara = await people.actor(crm)
    await crm.desks.sit(sara, "202")
    await crm.desks.sit(sara, "203")
    assert await crm.desks.seat(sara) == "203"
    assert [desk.mine for desk in await crm.desks.phones(sara)] == [False, False, True, False]


async def test_who_went_home_without_signing_out_has_left_by_the_next_day(crm: Crm, clock: ManualClock) -> None:
    sara = await people.actor(crm)
    await crm.desks.sit(sara, "202")
    clock.advance(13 * 3600)
    assert (await names(crm)).get("202") is None


async def test_a_user_who_is_switched_off_sits_nowhere(crm: Crm) -> None:
    user = await people.make(crm, "sara", name="Sara")
    sara, _ = await people.sign_in(crm, user)
    await crm.desks.sit(sara, "202")
    await crm.users.switch(await people.actor(crm), user.id, active=False)
    assert "202" not in await names(crm)


async def test_only_who_may_and_only_where_there_is_a_phone(crm: Crm) -> None:
    sara = await people.actor(crm, "agent")
    for nowhere in ("999", "trunk", "", "202\0", "x" * 10_000):
        with pytest.raises(NotFoundError):
            await crm.desks.sit(sara, nowhere)
    with pytest.raises(ForbiddenError):
        await crm.desks.sit(system("test"), "202")
    await crm.roles.change(await people.actor(crm), "agent", permissions=("live.view",))
    agent, _ = await people.sign_in(crm, await people.make(crm, "reza"))
    with pytest.raises(ForbiddenError):
        await crm.desks.sit(agent, "202")
    with pytest.raises(ForbiddenError):
        await crm.desks.phones(agent)


async def test_names_stand_at_every_device_of_an_extension(crm: Crm) -> None:
    await people.make(crm, "sara", name="Sara", extensions=("201",))
    await people.make(crm, "one", name="One", extensions=("203",))
    await people.make(crm, "two", name="Two", extensions=("203",))
    assert await names(crm) == {"201": "Sara", "main/201": "Sara", "main/99201": "Sara"}  # of 203 nobody can say


async def test_it_is_told_when_it_changes_and_only_then(crm: Crm, told: list[object]) -> None:
    def heard() -> list[PeopleAtPhones]:
        return [event for event in told if isinstance(event, PeopleAtPhones)]

    await crm.desks.tell()
    await crm.desks.tell()
    assert len(heard()) == 1
    await people.make(crm, "sara", name="Sara", extensions=("202",))
    await crm.desks.tell()
    assert len(heard()) == 2 and heard()[-1].names["202"] == "Sara"
    await people.make(crm, "nobody", name="Nobody")
    await crm.desks.tell()
    assert len(heard()) == 3 and heard()[-1].places == heard()[-2].places
    crm.desks.tell_again()
    await crm.desks.tell()
    assert len(heard()) == 4


async def test_who_has_no_phone_is_asked_where_he_sits(crm: Crm) -> None:
    guest, secret = await people.sign_in(crm, await people.make(crm, "guest", name="Guest"))
    owner, _ = await people.sign_in(crm, await people.make(crm, "owner", extensions=("201",)))
    assert await crm.desks.asks(guest) and not await crm.desks.asks(owner)
    await crm.desks.sit(guest, "202")
    signed = await crm.access.of_session(secret)
    assert signed is not None and not await crm.desks.asks(signed.actor)
    await crm.directory.take(pbxs.read(pbxs.ENDPOINTS[-1]))
    assert not await crm.desks.asks(guest)


async def test_it_tells_who_works_where(crm: Crm) -> None:
    await people.make(crm, "sara", name="Sara", extensions=("201",))
    guest, _ = await people.sign_in(crm, await people.make(crm, "guest", name="Guest"))
    await crm.desks.sit(guest, "202")
    places = {place.name: place for place in (await crm.desks.people()).places}
    assert places["Sara"].extensions == ("201",) and places["Guest"].extensions == ("202",)
    assert {phone.endpoint for phone in places["Sara"].phones} == {"PJSIP/201", "PJSIP/99201"}
    assert places["Guest"].user == guest.id
