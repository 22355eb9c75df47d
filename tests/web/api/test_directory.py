"""What the PBXs have, and the phone of today, over the API."""

from __future__ import annotations

import pytest

from tests.crm_core.users import pbxs
from tests.web.api.test_users import asked, fits
from tests.web.conftest import Stage

MINE = "/api/v1/users/me/desk"


@pytest.fixture(autouse=True)
async def pbx(on_stage: Stage) -> None:
    await pbxs.tell(on_stage.services.crm.directory)


async def test_the_directory_with_its_differences(on_stage: Stage) -> None:
    directory = await asked(on_stage, "GET", "/api/v1/directory")
    assert fits("Directory", directory)
    (pbx,) = directory["pbxs"]
    assert pbx["at"] == "1970-01-01T01:23:20.000Z"
    assert pbx["endpoints"][2]["since"] == "1970-01-01T00:16:40.000Z"
    assert {one["kind"] for one in directory["differences"]} == {"extension_free", "member_nobody"}
    await asked(await on_stage.as_role("supervisor"), "GET", "/api/v1/directory", 403)


async def test_the_phone_of_today(on_stage: Stage) -> None:
    agent, other = await on_stage.as_role("agent", name="Sara"), await on_stage.as_role("agent", name="Reza")
    assert await asked(agent, "PUT", MINE, 200, {"extension": "202"}) == {"extension": "202", "taken_from": []}
    await asked(other, "PUT", MINE, 409, {"extension": "202"})
    taken = await asked(other, "PUT", MINE, 200, {"extension": "202", "take": True})
    assert fits("Seated", taken) and taken["taken_from"] == ["Sara"]
    assert (await asked(agent, "GET", MINE))["extension"] is None
    desks = (await asked(other, "GET", "/api/v1/desks"))["items"]
    assert all(fits("Desk", one) for one in desks) and [one["mine"] for one in desks] == [False, True, False, False]
    await asked(other, "DELETE", MINE, 204)
    assert (await asked(other, "GET", MINE))["extension"] is None
    await asked(other, "PUT", MINE, 404, {"extension": "nowhere"})
