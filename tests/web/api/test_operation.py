"""What an operation takes is checked before it is run."""

from __future__ import annotations

import json

import pytest

from tests.web.conftest import Stage


@pytest.mark.parametrize(
    "query",
    ["outcome=won", "limit=0", "limit=201", "limit=many", "min_seconds=-1", "start=yesterday",
     "start=2026-11-22T00:00:00", "colour=red", "number=1", "kind=everything", "cursor=nonsense"],
)  # fmt: skip
async def test_what_cannot_be_is_told(on_stage: Stage, query: str) -> None:
    status, text = await on_stage.go(f"/api/v1/calls?{query}")
    assert status == 400
    assert json.loads(text)["detail"]


async def test_answers_are_json(on_stage: Stage) -> None:
    async with on_stage.http.get(on_stage.url + "/api/v1/calls?limit=1") as response:
        assert response.headers["Content-Type"] == "application/json; charset=utf-8"
