"""Wallboards over the API."""

from __future__ import annotations

from tests.web.api.test_users import asked, fits
from tests.web.conftest import Stage

PATH = "/api/v1/wallboards"


async def test_a_board_comes_and_goes_and_its_link_with_it(on_stage: Stage) -> None:
    made = await asked(on_stage, "POST", PATH, 201, {"name": "Hall", "kind": "day", "language": "en"})
    assert fits("WallboardIssued", made)
    nobody, one = await on_stage.as_nobody(), f"{PATH}/{made['board']['id']}"
    assert (await nobody.go(made["path"]))[0] == 200
    listed = (await asked(on_stage, "GET", PATH))["items"]
    assert listed == [made["board"]] and fits("Wallboard", listed[0])
    assert listed[0]["issued_at"].endswith("Z")
    changed = await asked(on_stage, "PUT", one, 200, {"name": "Office", "queues": ["sales"], "nameless": True})
    assert (changed["shown"]["name"], changed["shown"]["kind"]) == ("Office", "queues")
    again = await asked(on_stage, "POST", f"{one}/link", 201)
    assert [(await nobody.go(path))[0] for path in (made["path"], again["path"])] == [404, 200]
    await asked(on_stage, "DELETE", f"{one}/link", 204)
    assert (await nobody.go(again["path"]))[0] == 404
    assert (await asked(on_stage, "GET", one))["issued_at"] is None
    await asked(on_stage, "DELETE", one, 204)
    await asked(on_stage, "GET", one, 404)


async def test_what_cannot_be_is_refused(on_stage: Stage) -> None:
    for wrong in ({}, {"name": ""}, {"name": "x", "kind": "calls"}, {"name": "x", "secret": "y"}, {"name": "  "}):
        await asked(on_stage, "POST", PATH, 400, wrong)
    await asked(await on_stage.as_role("agent"), "GET", PATH, 403)
