"""Imports by programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from tests.crm_core.exchange.files import dirty_xlsx, many, pieces
from tests.web.conftest import Stage

PATH = "/api/v1/imports"


async def call(on_stage: Stage, method: str, path: str, **body: Any) -> tuple[int, Any]:
    status, text = await on_stage.send(method, PATH + path, **body)
    return status, msgspec.json.decode(text) if text.startswith(("{", "[")) else text


async def sent(on_stage: Stage, path: Path) -> dict[str, Any]:
    async with on_stage.http.post(f"{on_stage.url}{PATH}?name=list", data=pieces(path)) as response:
        assert response.status == 201, await response.text()
        found: dict[str, Any] = await response.json()
        return found


async def test_from_file_to_contacts_and_back(on_stage: Stage, tmp_path: Path) -> None:
    one = await sent(on_stage, dirty_xlsx(tmp_path / "f"))
    assert (one["state"], one["name"], one["columns"][2]["target"]) == ("uploaded", "list", "number:mobile")
    place = f"/{one['id']}"
    status, changed = await call(on_stage, "PATCH", place, json={"policy": {"on_match": "fill", "tags": ["x"]}})
    assert (status, changed["policy"]["tags"]) == (200, ["x"])
    work = on_stage.services.crm.exchange.work
    for step, state in (("check", "checked"), ("start", "done"), ("revert", "reverted")):
        assert (await call(on_stage, "POST", f"{place}/{step}"))[0] == 200
        assert await work.one()
        status, now = await call(on_stage, "GET", place)
        assert (status, now["state"]) == (200, state)
    assert now["profile"]["rows"] == 10
    assert now["finished_at"].startswith("20")
    status, errors = await call(on_stage, "GET", f"{place}/errors")
    assert (status, errors.count("\n") > 5, "خطا" in errors) == (200, True, True)
    status, listed = await call(on_stage, "GET", "")
    assert [item["id"] for item in listed["items"]] == [one["id"]]


async def test_a_form_with_a_file_is_taken_too(on_stage: Stage, tmp_path: Path) -> None:
    form = aiohttp.FormData()
    form.add_field("file", many(tmp_path / "f", 2).open("rb"), filename="a.csv")
    token = await on_stage.token()
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.post(on_stage.url + PATH, data=form) as response:
        assert (response.status, (await response.json())["name"]) == (201, "a.csv")


async def test_refusals(on_stage: Stage, tmp_path: Path) -> None:
    one = await sent(on_stage, many(tmp_path / "f", 2))
    place = f"/{one['id']}"
    for method, path, body, status in (
        ("POST", "", None, 400), ("GET", "/none", None, 404), ("POST", f"{place}/pause", None, 409),
        ("PATCH", place, {"mapping": ["name"]}, 400), ("PATCH", place, {"mapping": ["x"] * 8}, 400),
        ("PATCH", place, {"policy": {"area_code": "x"}}, 400), ("POST", f"{place}/read", {"encoding": "rot13"}, 400),
        ("POST", f"{place}/read", {"header": -1}, 400), ("GET", "?cursor=x", None, 400), ("GET", "?limit=0", None, 400),
        ("POST", f"{place}/read", {"header": 0}, 200), ("DELETE", place, None, 204), ("DELETE", place, None, 404),
    ):  # fmt: skip
        assert (await call(on_stage, method, path, json=body))[0] == status, (method, path, body)
