"""Notes and results of calls over the API, and what there is to choose."""

from __future__ import annotations

from typing import Any

from tests.web.api.test_notes import send
from tests.web.conftest import Stage
from tests.web.pages.test_results import a_call

URL = "/api/v1/dispositions"


async def put(on_stage: Stage, path: str, status: int, **body: Any) -> Any:
    return await send(on_stage, "PUT", path, status, body)


async def test_typed_and_read_by_everybody_in_the_call(on_stage: Stage) -> None:
    url = f"/api/v1/calls/{a_call().id}/note"
    agent = await on_stage.as_role("agent", name="نگار", extensions=("205",))
    note = await put(agent, url, 200, text="پالت", version=0, writer="a", number=1)
    assert (note["version"], note["mine"], note["text"]) == (1, True, "پالت")
    assert (await put(agent, url, 200, text="late", version=0, writer="a", number=1))["text"] == "پالت"
    await put(agent, url, 409, text="other window", version=0, writer="b", number=1)
    (seen,) = (await send(on_stage, "GET", url + "s", 200))["items"]
    assert (seen["user_name"], seen["mine"]) == ("نگار", False)
    other = await on_stage.as_role("agent", extensions=("999",))
    await put(other, url, 404, text="x")
    await put(agent, url, 400, text="x" * 10_001)


async def test_a_result_with_what_follows(on_stage: Stage) -> None:
    url = f"/api/v1/calls/{a_call().id}/result"
    agent = await on_stage.as_role("agent", extensions=("205",))
    task = {"title": "call back", "due": "2026-11-24"}
    result = await put(agent, url, 200, disposition="follow-up-call", note="noon", task=task)
    assert [part["id"] for part in result["path"]] == ["follow-up", "follow-up-call"]
    assert (await send(agent, "GET", f"/api/v1/tasks/{result['task']}", 200))["due_day"] == "2026-11-24"
    at_ten = {"title": "call back", "due": "2026-11-24T10:00:00+03:30"}
    result = await put(agent, url, 200, disposition="resolved", task=at_ten)
    assert (await send(agent, "GET", f"/api/v1/tasks/{result['task']}", 200))["due_at"] == "2026-11-24T06:30:00.000Z"
    said = await send(on_stage, "GET", url, 200)
    assert [one["disposition"] for one in said["results"]] == ["resolved"]
    assert [one["text"] for one in said["notes"]] == ["noon"]
    for wrong in ("2026-13-45", "2026-11-24T99:00:00Z", "tomorrow"):
        await put(agent, url, 400, disposition="resolved", task={"title": "x", "due": wrong})
    await put(agent, url, 400, disposition="complaint-nothing")
    await put(on_stage, "/api/v1/calls/none/result", 404, disposition="resolved")


async def test_made_changed_moved_removed(on_stage: Stage) -> None:
    made = await send(on_stage, "POST", URL, 201, {"label_en": "Advice", "shape": "info", "follow_up_days": 2})
    offered = (await send(on_stage, "GET", URL, 200))["items"]
    assert (offered[-1]["one"], offered[-1]["key"]) == (made, "9")
    change = {"label_en": "Advice given", "version": made["version"]}
    assert (await put(on_stage, f"{URL}/{made['id']}", 200, **change))["follow_up_days"] is None
    await put(on_stage, f"{URL}/{made['id']}", 409, **change | {"label_en": "x"})
    await send(on_stage, "POST", f"{URL}/{made['id']}/move", 204, {"to": "up"})
    await send(on_stage, "POST", f"{URL}/copy", 204, {"queue": "sales"})
    await send(on_stage, "POST", f"{URL}/copy", 409, {"queue": "sales"})
    assert (await send(on_stage, "GET", f"{URL}?queue=sales", 200))["items"][7]["one"]["label_en"] == "Advice given"
    assert await send(on_stage, "DELETE", f"{URL}/{made['id']}", 200) == {"gone": True}
    await send(on_stage, "DELETE", f"{URL}/{made['id']}", 404)
    await send(await on_stage.as_role("agent"), "POST", URL, 403, {"label_en": "x"})
