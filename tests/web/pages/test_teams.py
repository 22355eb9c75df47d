"""Teams and who is in them."""

from __future__ import annotations

from tests.crm_core.users import people
from tests.crm_core.users.people import SYSTEM
from tests.web.conftest import Stage

PATH = "/admin/teams"


async def test_a_team_comes_and_goes(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    assert "No teams yet" in await on_stage.page(f"{PATH}?lang=en")
    sara, reza = await people.make(crm, "sara", name="Sara"), await people.make(crm, "reza", name="Reza")
    assert (await on_stage.send("POST", PATH, data={"name": "فروش", "users": sara.id}))[0] == 303
    (team,) = await crm.teams.all(SYSTEM)
    assert team.users == (sara.id,) and "فروش" in await on_stage.page(PATH)
    form = [("do", "save"), ("name", "فروش شب"), ("users", sara.id), ("users", reza.id), ("version", str(team.version))]
    assert (await on_stage.send("POST", f"{PATH}/{team.id}", data=form))[0] == 303
    (team,) = await crm.teams.all(SYSTEM)
    assert (team.name, set(team.users)) == ("فروش شب", {sara.id, reza.id})
    assert (await on_stage.send("POST", f"{PATH}/{team.id}", data={"do": "delete"}))[0] == 303
    assert await crm.teams.all(SYSTEM) == ()


async def test_what_is_refused_comes_back_filled_in(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    sara = await people.make(crm, "sara", name="Sara")
    team = await crm.teams.create(SYSTEM, "فروش")
    status, text = await on_stage.send("POST", PATH, data={"name": "فروش", "users": sara.id})
    assert status == 422 and f'<option value="{sara.id}" data-more="sara" selected>' in text
    form = {"do": "save", "name": "x", "version": "99"}
    status, text = await on_stage.send("POST", f"{PATH}/{team.id}", data=form)
    assert status == 422 and 'value="x"' in text and "<details open>" in text
    assert (await on_stage.send("POST", f"{PATH}/{team.id}", data={"do": "x"}))[0] == 422
    assert (await on_stage.send("POST", PATH, data={"name": "new", "users": "nobody"}))[0] == 422


async def test_it_is_for_who_manages_users(on_stage: Stage) -> None:
    assert (await (await on_stage.as_role("manager")).go(PATH))[0] == 403
