"""Playbacks over the API: what is taken, answered and refused. A whole one runs in tests/cti/app/past."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from cti.kernel.clock import SystemClock
from screenpop.hub import Hub
from screenpop.playbacks import Playbacks
from tests.screenpop.test_playbacks import Player
from tests.web import stage
from tests.web.conftest import Stage, staged

PATH = "/api/v1/playbacks"
START = 1_795_305_600.0  # 2026-11-22 00:00 UTC
MOMENT = "2026-11-22T00:10:00.000Z"


@pytest.fixture
async def kept() -> AsyncIterator[Stage]:
    async def begin(_masked: bool) -> Player:
        return Player()

    async def span() -> tuple[float, float]:
        return START, START + 3600

    playbacks = Playbacks(Hub(lambda _: None, lambda *_: False), SystemClock(), begin, span, lambda *_: None)
    async with staged(replace(stage.services(), playbacks=playbacks)) as made:
        yield made
    await playbacks.close()


async def test_a_playback_is_begun_steered_and_ended(kept: Stage) -> None:
    status, text = await kept.send("POST", PATH, json={"at": MOMENT, "speed": 10})
    begun = json.loads(text)
    assert status == 201
    assert (begun["at"], begun["speed"], begun["playing"], begun["state"]) == (MOMENT, 10, True, "reading")
    assert begun["topic"] == f"playback:{begun['id']}" and begun["from"] == "2026-11-22T00:00:00.000Z"
    status, text = await kept.send("PATCH", f"{PATH}/{begun['id']}", json={"playing": False, "speed": 2})
    assert status == 200 and (json.loads(text)["playing"], json.loads(text)["speed"]) == (False, 2)
    assert (await kept.send("DELETE", f"{PATH}/{begun['id']}"))[0] == 204
    assert (await kept.send("DELETE", f"{PATH}/{begun['id']}"))[0] == 404


async def test_the_range_of_what_is_kept(kept: Stage, on_stage: Stage) -> None:
    whole = {"from": "2026-11-22T00:00:00.000Z", "to": "2026-11-22T01:00:00.000Z"}
    assert json.loads(await kept.page(f"{PATH}/range")) == whole
    assert json.loads(await on_stage.page(f"{PATH}/range")) == {"from": None, "to": None}


@pytest.mark.parametrize(
    "body", [{}, {"at": "now"}, {"at": MOMENT, "speed": 0}, {"at": MOMENT, "speed": 7}, {"at": "2020-01-01T00:00:00Z"}]
)
async def test_what_cannot_be_is_refused(kept: Stage, body: dict[str, object]) -> None:
    assert (await kept.send("POST", PATH, json=body))[0] == 400
