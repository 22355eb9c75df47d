"""The list and the form of users."""

from __future__ import annotations

import re

import pytest

from tests.crm_core.users import pbxs, people
from tests.crm_core.users.people import SYSTEM
from tests.web.conftest import Stage

PATH = "/admin/users"
SARA = {"login": "sara", "name": "سارا محمدی", "role": "agent", "extensions": "201", "queues": "sales"}


async def user_id(on_stage: Stage, login: str) -> str:
    return (await on_stage.services.crm.users.by_login(SYSTEM, login)).id


async def test_the_list_is_found_in_and_narrowed(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    await people.make(crm, "sara", name="سارا محمدی", extensions=("201",))
    await people.make(crm, "reza", "supervisor", name="رضا كريمي")
    assert "سارا محمدی" in await on_stage.page(PATH)
    found = await on_stage.page(f"{PATH}?text=کریمی")
    assert "رضا كريمي" in found and "سارا" not in found
    assert "رضا" not in await on_stage.page(f"{PATH}?role=agent")
    assert "No user matches" in await on_stage.page(f"{PATH}?text=nobody&lang=en")
    fragment = await on_stage.page(PATH, **{"HX-Request": "true"})
    assert fragment.lstrip().startswith("<div") and "<html" not in fragment


async def test_a_user_is_made_and_the_password_shown_once(on_stage: Stage) -> None:
    await pbxs.tell(on_stage.services.crm.directory)
    assert 'data-more="Sara"' in await on_stage.page(f"{PATH}/new")
    status, text = await on_stage.send("POST", PATH, data=SARA)
    assert status == 200
    found = re.search(r'<code id="one-time" dir="ltr">([^<]+)</code>', text)
    assert found and len(found[1]) >= 10
    path = f"{PATH}/{await user_id(on_stage, 'sara')}"
    again = await on_stage.page(path)
    assert found[1] not in again and 'value="سارا محمدی"' in again


async def test_what_is_refused_comes_back_filled_in(on_stage: Stage) -> None:
    await people.make(on_stage.services.crm, "sara")
    status, text = await on_stage.send("POST", PATH, data=SARA | {"extensions": "777", "lang": "en"})
    assert status == 422
    assert "سارا محمدی" in text and '<option value="777" selected>' in text and 'role="alert"' in text


async def test_a_change_is_saved_unless_somebody_was_faster(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    user = await people.make(crm, "sara", name="Sara")
    path = f"{PATH}/{user.id}"
    assert (await on_stage.send("POST", path, data=SARA | {"version": "1"}))[0] == 303
    after = await crm.users.get(SYSTEM, user.id)
    assert (after.name, after.extensions, after.queues) == ("سارا محمدی", ("201",), ("sales",))
    status, text = await on_stage.send("POST", path, data=SARA | {"version": "1", "name": "Other"})
    assert status == 422 and 'value="Other"' in text


async def test_one_button_each(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    user = await people.make(crm, "sara")
    sara = await on_stage.as_user(user.id)
    path = f"{PATH}/{user.id}"
    assert (await on_stage.send("POST", f"{path}/sign-out"))[0] == 303
    assert (await sara.go("/api/v1/users/me"))[0] == 401
    assert (await on_stage.send("POST", f"{path}/off"))[0] == 303
    assert not (await crm.users.get(SYSTEM, user.id)).active
    assert (await on_stage.send("POST", f"{path}/on"))[0] == 303
    status, text = await on_stage.send("POST", f"{path}/password")
    assert status == 200 and 'id="one-time"' in text
    assert (await on_stage.send("POST", f"{path}/second-step"))[0] == 303
    assert (await on_stage.send("POST", f"{path}/anything"))[0] == 404


async def test_nobody_switches_off_the_last_who_could_switch_on(on_stage: Stage) -> None:
    status, text = await on_stage.send("POST", f"{PATH}/{on_stage.actor.id}/off?lang=en")
    assert status == 422 and "Somebody who is active has to keep" in text


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\r\nSet-Cookie: x=1"]
)
async def test_names_are_only_names(on_stage: Stage, name: str) -> None:
    await on_stage.send("POST", PATH, data=SARA | {"name": name})
    for path in (PATH, f"{PATH}/{await user_id(on_stage, 'sara')}"):
        text = await on_stage.page(path)
        assert "<script>alert" not in text and "<img src=x" not in text


async def test_it_is_for_who_manages_users(on_stage: Stage) -> None:
    manager = await on_stage.as_role("manager")
    for path in (PATH, f"{PATH}/new", f"{PATH}/{on_stage.actor.id}"):
        assert (await manager.go(path))[0] == 403
    assert (await manager.send("POST", PATH, data=SARA))[0] == 403
