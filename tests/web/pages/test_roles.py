"""The matrix of roles and permissions."""

from __future__ import annotations

import re

from cti.kernel.actor import PERMISSIONS
from tests.crm_core.users.people import SYSTEM
from tests.web.conftest import Stage

PATH = "/admin/roles"


async def sent(on_stage: Stage) -> list[tuple[str, str]]:
    """The form as the page has it."""
    text = await on_stage.page(PATH)
    fields = [("may", value) for value in re.findall(r'name="may" value="([^"]+)"[^>]* checked', text)]
    return fields + re.findall(r'<input type="hidden" name="(version\.[^"]+)" value="(\d+)">', text)


async def may(on_stage: Stage, role: str) -> set[str]:
    return set((await on_stage.services.crm.roles.get(SYSTEM, role)).permissions)


async def test_every_permission_is_explained_for_every_role(on_stage: Stage) -> None:
    text = await on_stage.page(f"{PATH}?lang=en")
    assert all(f'value="agent:{name}"' in text for name in PERMISSIONS)
    assert "Sees phone numbers whole; without it they are masked." in text


async def test_what_is_ticked_is_what_a_role_may(on_stage: Stage) -> None:
    fields = [pair for pair in await sent(on_stage) if pair != ("may", "agent:contacts.edit")]
    before = await may(on_stage, "supervisor")
    status, _ = await on_stage.send("POST", PATH, data=[*fields, ("may", "agent:truth.view")])
    assert status == 303
    agent = await may(on_stage, "agent")
    assert "truth.view" in agent and "contacts.edit" not in agent
    assert await may(on_stage, "supervisor") == before
    assert (await on_stage.services.crm.roles.get(SYSTEM, "supervisor")).version == 1


async def test_it_holds_at_once_for_who_is_signed_in(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    assert (await agent.go("/calls"))[0] == 200
    fields = [pair for pair in await sent(on_stage) if pair[1] != "agent:calls.view"]
    await on_stage.send("POST", PATH, data=fields)
    assert (await agent.go("/calls"))[0] == 403


async def test_two_at_once_do_not_undo_each_other(on_stage: Stage) -> None:
    fields = await sent(on_stage)
    await on_stage.services.crm.roles.change(SYSTEM, "agent", permissions=("live.view",))
    status, text = await on_stage.send("POST", f"{PATH}?lang=en", data=fields)
    assert status == 422 and "Somebody has changed this role meanwhile" in text
    assert await may(on_stage, "agent") == {"live.view"}


async def test_nobody_locks_everybody_out(on_stage: Stage) -> None:
    fields = [pair for pair in await sent(on_stage) if pair[1] != "administrator:users.manage"]
    status, text = await on_stage.send("POST", f"{PATH}?lang=en", data=fields)
    assert status == 422 and "has to keep the permissions" in text


async def test_a_role_is_made_like_another_renamed_and_deleted(on_stage: Stage) -> None:
    assert (await on_stage.send("POST", f"{PATH}/new", data={"title": "شیفت شب", "like": "agent"}))[0] == 303
    role = next(r for r in await on_stage.services.crm.roles.all(SYSTEM) if r.title == "شیفت شب")
    assert set(role.permissions) == await may(on_stage, "agent")
    path = f"{PATH}/{role.id}"
    assert (await on_stage.send("POST", path, data={"do": "rename", "title": "شب"}))[0] == 303
    assert "شب" in await on_stage.page(PATH)
    assert (await on_stage.send("POST", path, data={"do": "delete"}))[0] == 303
    assert (await on_stage.send("POST", path, data={"do": "delete"}))[0] == 422
    assert (await on_stage.send("POST", f"{PATH}/new", data={"title": ""}))[0] == 422
    assert (await on_stage.send("POST", f"{PATH}/agent", data={"do": "nothing"}))[0] == 422


async def test_forged_ticks_are_refused(on_stage: Stage) -> None:
    fields = await sent(on_stage)
    status, _ = await on_stage.send("POST", PATH, data=[*fields, ("may", "agent:no.such"), ("may", "none:calls.view")])
    assert status == 422
    assert (await (await on_stage.as_role("manager")).send("POST", PATH, data=fields))[0] == 403
