"""Seats count while the session that chose them does."""

from __future__ import annotations

from crm_core.users import seats
from tests.crm_core.users import pbxs, people
from web.services import Crm


async def test_a_seat_ends_with_its_session_alone(crm: Crm) -> None:
    await pbxs.tell(crm.directory)
    user = await people.make(crm, "sara", name="Sara", extensions=("201",))
    desk, _ = await people.sign_in(crm, user)
    mobile, _ = await people.sign_in(crm, user)
    await crm.desks.sit(desk, "202")

    async def at() -> tuple[str, ...]:
        async with crm.database.read() as reader:
            return await seats.at(reader, user, 0.0, 0.0)

    assert await at() == ("202", "201")
    await crm.sessions.revoke(mobile, mobile.session)
    assert await at() == ("202", "201")
    await crm.sessions.revoke(desk, desk.session)
    assert await at() == ("201",)
