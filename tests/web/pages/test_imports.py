"""Imports in the browser: upload, mapping, dry run, run, result."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import msgspec
import pytest
from yarl import URL

from tests.crm_core.exchange.files import bomb, dirty_xlsx, many
from tests.web.conftest import Stage
from web import auth


def csrf(on_stage: Stage) -> str:
    return auth.csrf_token(on_stage.cookie.partition("=")[2])


async def upload(on_stage: Stage, path: Path, name: str = "list.xlsx") -> tuple[int, str, str]:
    form = aiohttp.FormData(quote_fields=False)  # as browsers send names
    form.add_field("file", path.open("rb"), filename=name)
    url = f"{on_stage.url}/import?csrf={csrf(on_stage)}&lang=en"
    async with on_stage.http.post(url, data=form, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", ""), await response.text()


async def working(on_stage: Stage) -> None:
    assert await on_stage.services.crm.exchange.work.one()


def chosen(page: str) -> dict[str, str]:
    """The form of the mapping as a browser would send it."""
    values = {"kind": "person", "on_match": "skip", "on_fault": "set_aside", "match_by": "number", "area_code": "۰۲۱"}
    for name, options in re.findall(r'<select name="(to\d+)".*?>(.*?)</select>', page, re.DOTALL):
        selected = re.search(r'value="([^"]*)" selected', options)
        values[name] = selected[1] if selected else ""
    return values


async def test_the_first_day_teaches(on_stage: Stage) -> None:
    page = await on_stage.page("/import?lang=en")
    assert "No imports yet" in page
    assert 'enctype="multipart/form-data"' in page


async def test_the_whole_way(on_stage: Stage, tmp_path: Path) -> None:
    status, place, _ = await upload(on_stage, dirty_xlsx(tmp_path / "f"), "../../مشتریان <b>.xlsx")
    assert status == 303
    page = await on_stage.page(place + "?lang=fa")
    assert "مشتریان &lt;b&gt;.xlsx" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    sent = chosen(page)
    assert sent["to2"] == "number:mobile"
    assert (await on_stage.send("POST", f"{place}/map", data={**sent, "do": "preview"}))[0] == 200
    assert (await on_stage.send("POST", f"{place}/map", data={**sent, "do": "check"}))[0] == 303
    assert f'<tamas-refresh topic="messages" url="{place}" target="import" whole poll></tamas-refresh>' in (
        await on_stage.page(place)
    )
    await working(on_stage)
    page = await on_stage.page(place + "?lang=en")
    assert "What would become of it" in page
    assert "lost its digits" in page
    assert (await on_stage.send("POST", f"{place}/start"))[0] == 303
    await working(on_stage)
    page = await on_stage.page(place + "?lang=fa")
    assert "وارد شد" in page
    assert "رقم‌هایش را" in page
    one = (await on_stage.services.crm.exchange.page(on_stage.actor)).items[0]
    assert (one.created, one.faulty, one.policy.area_code) == (3, 5, "021")
    assert "مریم رستگار" in await on_stage.page("/contacts")
    assert (await on_stage.send("POST", f"{place}/revert"))[0] == 303
    await working(on_stage)
    assert "مریم رستگار" not in await on_stage.page("/contacts")
    assert "Taken back" in await on_stage.page("/import?lang=en")


@pytest.mark.parametrize(
    ("data", "said"), [(b"%PDF", "no table"), (b"", "empty"), (b"x" * 3_000_000, "larger than 2 MB")]
)
async def test_what_is_refused_is_said_on_the_page(on_stage: Stage, tmp_path: Path, data: bytes, said: str) -> None:
    means = on_stage.services.crm.exchange._means
    means.limits = msgspec.structs.replace(means.limits, file_bytes=2 * 2**20)
    (tmp_path / "f").write_bytes(data)
    status, _, page = await upload(on_stage, tmp_path / "f")
    assert status == 422
    assert said in page
    assert not list(means.folder.iterdir()) if means.folder.exists() else True


async def test_a_zip_bomb(on_stage: Stage, tmp_path: Path) -> None:
    status, _, page = await upload(on_stage, bomb(tmp_path / "f", 300))
    assert status == 422
    assert "unpacks to far more" in page


async def test_a_gigabyte_is_refused_before_it_is_sent(on_stage: Stage) -> None:
    """Only the head of the request is sent: the answer does not wait for a body that is said to be too long."""
    address = URL(on_stage.url)
    reader, writer = await asyncio.open_connection(address.host, address.port)
    head = (
        f"POST /import?csrf={csrf(on_stage)}&lang=en HTTP/1.1\r\nHost: {address.authority}\r\n"
        f"Cookie: {on_stage.cookie}\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {2**30}\r\n\r\n"
    )
    writer.write(head.encode())
    async with asyncio.timeout(10):
        answer = (await reader.readuntil(b"\r\n")).decode()
        rest = await reader.read(200_000)
        while b"</html>" not in rest:
            rest += await reader.read(200_000)
    assert "422" in answer
    assert b"larger than 200 MB" in rest
    writer.close()


async def test_a_mapping_that_cannot_be_is_said_and_kept(on_stage: Stage, tmp_path: Path) -> None:
    _, place, _ = await upload(on_stage, many(tmp_path / "f", 3))
    sent = chosen(await on_stage.page(place))
    for wrong in ({"to0": "field:none"}, {"kind": "robot"}, {"match_by": "stars"}, {"area_code": "abc"}):
        status, page = await on_stage.send("POST", f"{place}/map?lang=en", data={**sent, **wrong, "do": "check"})
        assert (status, 'role="alert"' in page) == (422, True), wrong
    nothing = {name: "" if name.startswith("to") else value for name, value in sent.items()}
    status, page = await on_stage.send("POST", f"{place}/map?lang=en", data={**nothing, "do": "check"})
    assert (status, "which column holds the name" in page) == (422, True)


async def test_reading_it_in_another_way(on_stage: Stage, tmp_path: Path) -> None:
    _, place, _ = await upload(on_stage, many(tmp_path / "f", 3))
    again = {"do": "reread", "encoding": "windows-1256", "delimiter": ",", "header": "۰"}
    assert (await on_stage.send("POST", f"{place}/map", data=again))[0] == 303
    assert "windows-1256" in await on_stage.page(place)
    for wrong in ({"encoding": "rot13"}, {"header": "x"}, {"delimiter": "#"}):
        assert (await on_stage.send("POST", f"{place}/map", data={**again, **wrong}))[0] == 422, wrong


async def test_steps_and_strangers(on_stage: Stage, tmp_path: Path) -> None:
    _, place, _ = await upload(on_stage, many(tmp_path / "f", 3))
    assert (await on_stage.send("POST", f"{place}/fly"))[0] == 404
    assert (await on_stage.send("POST", f"{place}/pause"))[0] == 409
    assert (await on_stage.go("/import/none"))[0] == 404
    agent = await on_stage.as_role("agent")
    assert (await agent.go("/import"))[0] == 403
    assert (await agent.send("POST", f"{place}/start"))[0] == 403
    assert (await on_stage.send("POST", f"{place}/discard"))[0] == 303
    assert (await on_stage.go(place))[0] == 404
