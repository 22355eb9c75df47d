"""The phone of today: chosen, taken, left; and what who lost it is told."""

from __future__ import annotations

import pytest

from tests.crm_core.users import pbxs, people
from tests.crm_core.users.people import PASSWORD
from tests.web.conftest import Stage


@pytest.fixture(autouse=True)
async def pbx(on_stage: Stage) -> None:
    await pbxs.tell(on_stage.services.crm.directory)


async def test_one_sits_down_and_leaves(on_stage: Stage) -> None:
    sara = await on_stage.as_role("agent", name="Sara")
    assert 'value="202"' in await sara.page("/desk")
    assert (await sara.send("POST", "/desk", data={"extension": "202", "next": "/calls"}))[0] == 303
    assert 'aria-pressed="true"' in await sara.page("/desk")
    assert (await sara.send("POST", "/desk/leave"))[0] == 303
    assert 'aria-pressed="true"' not in await sara.page("/desk")


async def test_who_loses_a_phone_is_told_until_he_has_read_it(on_stage: Stage) -> None:
    sara, reza = await on_stage.as_role("agent", name="Sara"), await on_stage.as_role("agent", name="Reza")
    await sara.send("POST", "/desk", data={"extension": "202"})
    status, text = await reza.send("POST", "/desk?lang=en", data={"extension": "202"})
    assert status == 409 and "Sara works at this phone now." in text and 'name="take"' in text
    assert (await reza.send("POST", "/desk", data={"extension": "202", "take": "1"}))[0] == 303
    assert "Reza works at your phone 202" in await sara.page("/desk/notice?lang=en")
    assert (await sara.send("POST", "/desk/read"))[0] == 303
    assert (await sara.page("/desk/notice")).strip() == ""
    assert (await reza.page("/desk/notice")).strip() == ""


async def test_forged_phones_and_places_to_go_are_refused(on_stage: Stage) -> None:
    sara = await on_stage.as_role("agent")
    assert (await sara.send("POST", "/desk", data={"extension": "<b>"}))[0] == 422
    form = {"extension": "202", "next": "//evil.example/"}
    async with sara.http.post(sara.url + "/desk", data=form, allow_redirects=False) as response:
        assert response.headers["Location"] == "/"


async def test_without_a_pbx_the_page_says_so(on_stage: Stage) -> None:
    on_stage.services.crm.directory._pbxs.clear()
    assert "No phone to choose" in await on_stage.page("/desk?lang=en")


async def test_after_signing_in_who_has_no_phone_is_asked_first(on_stage: Stage) -> None:
    crm, nobody = on_stage.services.crm, await on_stage.as_nobody()
    await people.make_with_password(crm, "guest")
    form = {"login": "guest", "password": PASSWORD, "next": "/calls"}
    async with nobody.http.post(nobody.url + "/sign-in", data=form, allow_redirects=False) as response:
        assert response.headers["Location"] == "/desk?next=/calls"
