"""Files over HTTP: what comes in is streamed and limited, what goes out can run nothing."""

from __future__ import annotations

import aiohttp
import pytest

from tests.crm_core.timeline.people import party
from tests.web.conftest import Stage
from tests.web.pages.streams import SCRIPT
from web.pages.files import disposition

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def send(stage: Stage, party_id: str, content: bytes, name: str) -> tuple[int, str]:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name, content_type="text/html")
    request = stage.http.post(f"{stage.url}/files?party={party_id}&lang=en", data=form, headers=SCRIPT)
    async with request as response:
        return response.status, await response.text()


async def test_in_and_out(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    contact = await party(crm, "مریم")
    assert (await send(on_stage, contact.id, PNG, "../../عکس.png"))[0] == 204
    (file,) = (await crm.files.page(on_stage.actor, party=contact.id)).items
    async with on_stage.http.get(f"{on_stage.url}/files/{file.id}") as response:
        assert await response.read() == PNG
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert response.content_type == "image/png"
    async with on_stage.http.get(f"{on_stage.url}/files/{file.id}?inline") as response:
        assert response.headers["Content-Disposition"].startswith("inline;")
    assert f'src="/files/{file.id}?inline"' in await on_stage.page(f"/timeline/party/{contact.id}")


@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", b"<svg onload=alert(1)>", b"%PDF-1.4 x"])
async def test_what_could_run_is_never_shown_in_the_page(on_stage: Stage, content: bytes) -> None:
    crm = on_stage.services.crm
    contact = await party(crm, "مریم")
    await send(on_stage, contact.id, content, "page.html")
    (file,) = (await crm.files.page(on_stage.actor, party=contact.id)).items
    async with on_stage.http.get(f"{on_stage.url}/files/{file.id}?inline") as response:
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert response.content_type != "text/html"
        assert "sandbox" in response.headers["Content-Security-Policy"]


async def test_refused_with_a_sentence(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    assert await send(on_stage, contact.id, b"", "a") == (422, "This file is empty.")
    too_large = bytes(on_stage.services.crm.files.largest + 1)
    assert await send(on_stage, contact.id, too_large, "a") == (422, "A file may have at most 25 MB.")
    assert await send(on_stage, "nobody", b"x", "a") == (422, "There is no such contact.")
    url = f"{on_stage.url}/files?party={contact.id}&lang=en"
    async with on_stage.http.post(url, data={"file": "text"}, headers=SCRIPT) as response:
        assert (response.status, await response.text()) == (422, "Choose a file first.")
    assert (await on_stage.services.crm.files.page(on_stage.actor)).items == ()


async def test_deleted(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    contact = await party(crm, "مریم")
    await send(on_stage, contact.id, b"x", "a.txt")
    (file,) = (await crm.files.page(on_stage.actor, party=contact.id)).items
    async with on_stage.http.post(f"{on_stage.url}/files/{file.id}/delete", headers=SCRIPT) as response:
        assert response.status == 204
    assert (await on_stage.go(f"/files/{file.id}"))[0] == 404
    assert "<s>" in await on_stage.page(f"/timeline/party/{contact.id}")


async def test_who_may_not(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    await send(on_stage, contact.id, b"x", "a.txt")
    (file,) = (await on_stage.services.crm.files.page(on_stage.actor)).items
    nobody = await on_stage.as_nobody()
    status, text = await nobody.go(f"/files/{file.id}")
    assert status in (200, 303, 401)
    assert text != "x"


def test_names_in_the_header() -> None:
    value = disposition('عکس "1"\r\n.png')
    assert "\r" not in value
    assert "filename*=UTF-8''%D8%B9" in value
    assert value.count('"') == 2
