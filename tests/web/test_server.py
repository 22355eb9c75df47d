"""What the whole application answers besides its pages."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.web import stage
from tests.web.conftest import Stage
from web import server
from web.assets import Assets
from web.services import Services


async def test_it_is_alive(on_stage: Stage) -> None:
    assert await on_stage.go("/healthz") == (200, "alive\n")


async def test_it_is_ready_when_everything_is(on_stage: Stage) -> None:
    status, text = await on_stage.go("/readyz")
    assert status == 200
    assert json.loads(text) == {"ready": True, "checks": {"database": "ok", "pbx main": "ok"}}


class TestNotReady:
    @pytest.fixture
    def services(self) -> Services:
        async def readiness() -> dict[str, str | None]:
            return {"database": None, "pbx main": "no login: wrong secret"}

        return replace(stage.services(), readiness=readiness)

    async def test_it_says_why(self, on_stage: Stage) -> None:
        status, text = await on_stage.go("/readyz")
        assert status == 503
        assert json.loads(text)["checks"] == {"database": "ok", "pbx main": "no login: wrong secret"}


async def test_metrics_are_prometheus_text(on_stage: Stage) -> None:
    async with on_stage.http.get(on_stage.url + "/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert await response.text() == "tamas_calls 1\n"


async def test_built_files_are_kept_by_the_browser_for_good(on_stage: Stage) -> None:
    for name in ("app.js", "style.css", "icons.svg", "persian.woff2"):
        async with on_stage.http.get(on_stage.url + Assets().url(name)) as response:
            assert response.status == 200
            assert "immutable" in response.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["/static/dist/none.js", "/static/dist/..%2Fbuild.mjs", "/static/dist/%2e%2e%2f%2e%2e%2fserver.py"]
)
async def test_nothing_else_is_served_from_there(on_stage: Stage, path: str) -> None:
    assert (await on_stage.go(path))[0] == 404


async def test_two_servers_in_one_process_do_not_meet(on_stage: Stage) -> None:
    other = await server.start(server.create_app(stage.services(records=[])), "127.0.0.1", 0)
    assert other.url != on_stage.url
    await other.stop()
    assert (await on_stage.go("/healthz"))[0] == 200
