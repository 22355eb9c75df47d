"""Files over the API: the body is the file."""

from __future__ import annotations

import json
from typing import Any

from tests.crm_core.timeline.people import party
from tests.web.conftest import Stage


async def add(stage: Stage, query: str, content: bytes, status: int) -> Any:
    headers = {"Content-Type": "application/octet-stream"}
    async with stage.http.post(f"{stage.url}/api/v1/files?{query}", data=content, headers=headers) as response:
        assert response.status == status, await response.text()
        return await response.json(content_type=None)


async def test_added_read_deleted(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    file = await add(on_stage, f"party={contact.id}&name=../a.txt", b"hello", 201)
    assert (file["name"], file["media"], file["size"], file["deleted_at"]) == ("a.txt", "text/plain", 5, None)
    url = f"/api/v1/files/{file['id']}"
    assert json.loads(await on_stage.page(url)) == file
    async with on_stage.http.get(f"{on_stage.url}{url}/content") as response:
        assert await response.read() == b"hello"
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(await on_stage.page(f"/api/v1/files?party={contact.id}"))["items"] == [file]
    assert (await on_stage.send("DELETE", url))[0] == 204
    assert json.loads(await on_stage.page(url))["deleted_at"].endswith("Z")
    assert (await on_stage.go(f"{url}/content"))[0] == 404


async def test_refused(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    await add(on_stage, "name=a", b"x", 400)
    await add(on_stage, "party=nobody", b"x", 404)
    await add(on_stage, f"party={contact.id}", b"", 400)
    await add(on_stage, f"party={contact.id}&more=1", b"x", 400)
    assert (await on_stage.go("/api/v1/files/none"))[0] == 404
