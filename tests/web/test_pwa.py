"""What a browser needs to keep the product as an application."""

from __future__ import annotations

import json

import pytest

from tests.web.conftest import Stage


@pytest.mark.parametrize(("language", "name", "direction"), [("fa", "تماس", "rtl"), ("en", "Tamas", "ltr")])
async def test_the_manifest_is_the_readers(on_stage: Stage, language: str, name: str, direction: str) -> None:
    found = json.loads(await on_stage.page(f"/manifest.webmanifest?lang={language}"))
    assert (found["name"], found["dir"], found["lang"]) == (name, direction, language)
    for icon in found["icons"]:
        async with on_stage.http.get(on_stage.url + icon["src"]) as response:
            assert response.status == 200
            assert response.content_type == icon["type"]


async def test_the_worker_stands_at_the_root_and_is_never_old(on_stage: Stage) -> None:
    async with on_stage.http.get(on_stage.url + "/worker.js") as response:
        assert response.content_type == "text/javascript"
        assert response.headers["Cache-Control"] == "no-cache"
        assert "/offline" in await response.text()


async def test_they_are_there_before_anybody_signs_in(on_stage: Stage) -> None:
    nobody = await on_stage.as_nobody()
    for path in ("/manifest.webmanifest", "/worker.js"):
        assert (await nobody.go(path))[0] == 200
