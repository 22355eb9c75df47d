"""The list of users: found in any spelling, narrowed, in the order of the alphabet, page by page."""

from __future__ import annotations

import pytest

from crm_core.users.roster import RosterFilter
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ForbiddenError, InvalidError
from tests.crm_core.users import people
from tests.crm_core.users.people import SYSTEM
from web.services import Crm


async def names(crm: Crm, **wanted: object) -> list[str]:
    page = await crm.roster.page(SYSTEM, RosterFilter(**wanted))  # type: ignore[arg-type]
    return [listed.user.name for listed in page.items]


@pytest.fixture(autouse=True)
async def staff(crm: Crm) -> None:
    team = await crm.teams.create(SYSTEM, "فروش")
    await people.make(crm, "karimi", name="علی كريمي", extensions=("204",), teams=(team.id,))
    await people.make(crm, "pouya", "supervisor", name="پویا تهرانی")
    await people.make(crm, "bahar", name="بهار نوری‌پور")


async def test_in_the_order_of_the_persian_alphabet(crm: Crm) -> None:
    assert await names(crm) == ["بهار نوری‌پور", "پویا تهرانی", "علی كريمي"]


@pytest.mark.parametrize("text", ["کریمی", "علي کری", "KARIMI", "۲۰۴", "204"])
async def test_found_in_any_spelling_by_name_login_or_extension(crm: Crm, text: str) -> None:
    assert await names(crm, text=text) == ["علی كريمي"]


async def test_narrowed(crm: Crm) -> None:
    (team,) = await crm.teams.all(SYSTEM)
    assert await names(crm, team=team.id) == ["علی كريمي"]
    assert await names(crm, role="supervisor") == ["پویا تهرانی"]
    assert await names(crm, active=False) == []
    assert await names(crm, team="none\0", role="x\0", text="\0") == []


async def test_page_by_page(crm: Crm) -> None:
    first = await crm.roster.page(SYSTEM, RosterFilter(), limit=2)
    rest = await crm.roster.page(SYSTEM, RosterFilter(), first.next, limit=2)
    assert [len(first.items), len(rest.items), rest.next] == [2, 1, None]
    with pytest.raises(InvalidError):
        await crm.roster.page(SYSTEM, RosterFilter(), "not a cursor")


async def test_with_when_each_was_last_seen(crm: Crm, clock: ManualClock) -> None:
    user = await people.make(crm, "zahra", name="زهرا")
    await people.sign_in(crm, user)
    (listed,) = (await crm.roster.page(SYSTEM, RosterFilter(text="زهرا"))).items
    assert listed.seen_at == clock.now()
    (never,) = (await crm.roster.page(SYSTEM, RosterFilter(text="pouya"))).items
    assert never.seen_at is None


async def test_only_for_who_manages_users(crm: Crm) -> None:
    with pytest.raises(ForbiddenError):
        await crm.roster.page(await people.actor(crm, "manager"), RosterFilter())
