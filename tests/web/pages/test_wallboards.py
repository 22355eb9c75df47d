"""The page where boards are made: the link is shown once, what is refused stays typed, others' queues stay others'."""

from __future__ import annotations

import re
from typing import Any

from crm_core.wallboards.model import Shown, Wallboard
from tests.web import stage
from tests.web.conftest import Stage

PATH = "/admin/wallboards"
WHOLE = {"name": "تالار", "kind": "queues", "language": "fa", "theme": "dark"}


async def post(on_stage: Stage, path: str = "", status: int = 303, **data: Any) -> str:
    got, text = await on_stage.send("POST", f"{PATH}{path}", data=data)
    assert got == status, text
    return text


async def boards(on_stage: Stage) -> tuple[Wallboard, ...]:
    return await on_stage.services.crm.wallboards.all(on_stage.actor)


async def test_a_board_is_made_and_its_link_shown_once(on_stage: Stage) -> None:
    stage.go_live(on_stage.services.feed)
    page = await post(on_stage, status=200, **WHOLE, queues="sales", wait_bad="۹۰", target="85", nameless="on")
    found = re.search(r"http://[^<]+/wall/[\w-]{43}", page)
    assert found is not None
    (board,) = await boards(on_stage)
    assert board.shown == Shown(name="تالار", queues=("sales",), wait_bad=90, target=85, nameless=True)
    nobody = await on_stage.as_nobody()
    assert (await nobody.go(found[0].removeprefix(on_stage.url)))[0] == 200
    later = await on_stage.page(PATH)
    assert "تالار" in later and "/wall/" not in later


async def test_it_is_changed_linked_anew_taken_back_and_deleted(on_stage: Stage) -> None:
    await post(on_stage, status=200, **WHOLE)
    (board,) = await boards(on_stage)
    await post(on_stage, f"/{board.id}", **(WHOLE | {"name": "سالن", "kind": "day"}), do="save")
    (changed,) = await boards(on_stage)
    assert (changed.shown.name, changed.shown.kind) == ("سالن", "day")
    assert "/wall/" in await post(on_stage, f"/{board.id}", 200, do="link")
    await post(on_stage, f"/{board.id}", do="revoke")
    assert (await boards(on_stage))[0].issued_at is None
    await post(on_stage, f"/{board.id}", do="delete")
    assert await boards(on_stage) == ()


async def test_what_cannot_be_is_said_and_stays_typed(on_stage: Stage) -> None:
    for wrong in ({"target": "many"}, {"target": "101"}, {"kind": "calls"}, {"wait_warn": "90", "wait_bad": "30"}):
        page = await post(on_stage, status=422, **(WHOLE | {"name": "آنچه نوشتم"} | wrong))
        assert 'role="alert"' in page and 'value="آنچه نوشتم"' in page, wrong
    await post(on_stage, status=422, **(WHOLE | {"name": ""}))
    assert await boards(on_stage) == ()
    await post(on_stage, "/none", 422, do="delete")


async def test_a_supervisor_without_queues_makes_none(on_stage: Stage) -> None:
    await post(on_stage, status=200, **WHOLE)
    lead = await on_stage.as_role("supervisor")
    assert "تالار" not in await lead.page(PATH)
    assert 'role="alert"' in await post(lead, status=422, **WHOLE)
