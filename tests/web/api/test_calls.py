"""The call log as JSON: the record of the contract, filters, pages that neither skip nor repeat."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cti.live.record import to_json
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.services import Services


async def get(on_stage: Stage, query: str = "") -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(await on_stage.page(f"/api/v1/calls{query}"))
    return answer


async def test_records_are_the_contracts(on_stage: Stage) -> None:
    first = (await get(on_stage))["items"][0]
    assert first == json.loads(json.dumps(to_json(sample.transferred())))
    assert first["started_at"] == "2026-11-22T07:06:00.000Z"
    assert first["transfers"] == [
        {"kind": "attended", "from": "PJSIP/205", "to": "214", "at": "2026-11-22T07:09:58.000Z"}
    ]


async def test_pages_neither_skip_nor_repeat(on_stage: Stage) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = await get(on_stage, f"?limit=7{cursor}")
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == len(sample.log())


@pytest.mark.parametrize(
    ("query", "count"),
    [("?outcome=abandoned", 3), ("?direction=outbound", 4), ("?queue=billing", 1), ("?agent=205", 3),
     ("?agent=PJSIP/205", 3), ("?number=%DB%B0%DB%B9%DB%B1%DB%B2345", 2), ("?min_seconds=600", 2),
     ("?start=2026-11-21T20:30:00Z&end=2026-11-22T20:30:00Z", 19), ("?start=2026-11-22T10:40:00%2B03:30", 0)],
)  # fmt: skip
async def test_filters(on_stage: Stage, query: str, count: int) -> None:
    assert len((await get(on_stage, query + "&limit=200"))["items"]) == count


async def test_one_call(on_stage: Stage) -> None:
    record = sample.transferred()
    assert json.loads(await on_stage.page(f"/api/v1/calls/{record.id}"))["linkedid"] == record.linkedid


async def test_a_call_that_is_not_there(on_stage: Stage) -> None:
    status, text = await on_stage.go("/api/v1/calls/main-0.0")
    assert status == 404
    assert "main-0.0" in json.loads(text)["detail"]


class TestMerged:
    @pytest.fixture
    def services(self) -> Services:
        log = stage.SampleLog(sample.log(), {"main-gone": sample.transferred().id})
        return stage.services(calls=stage.calls(log))

    async def test_the_id_of_a_merged_call_gives_the_surviving_one(self, on_stage: Stage) -> None:
        assert json.loads(await on_stage.page("/api/v1/calls/main-gone"))["id"] == sample.transferred().id
