"""Figures over the API: a period, its formulas, and the rules."""

from __future__ import annotations

from urllib.parse import quote

from tests.web.api.test_notes import send
from tests.web.conftest import Stage

BASE = "/api/v1/figures"


async def test_a_period(on_stage: Stage) -> None:
    start, end = "2026-11-22T00:00:00+03:30", "2026-11-23T00:00:00+03:30"
    found = await send(on_stage, "GET", f"{BASE}?from={quote(start)}&to={quote(end)}&interval=60", 200)
    assert (found["from"], found["to"]) == ("2026-11-21T20:30:00.000Z", "2026-11-22T20:30:00.000Z")
    assert (found["interval_minutes"], len(found["intervals"])) == (60, 24)
    assert found["intervals"][0]["start"] == "2026-11-21T20:30:00.000Z"
    assert found["total"]["offered"] == 0
    assert found["total"]["service_level"] is None, "n/a, not 100 %"
    assert (found["queues"], found["agents"]) == ([], [])


async def test_today_and_one_agent(on_stage: Stage) -> None:
    found = await send(on_stage, "GET", f"{BASE}?agent={on_stage.actor.id}", 200)
    assert len(found["intervals"]) == 48
    assert found["intervals"][0]["occupancy"] is None


async def test_what_cannot_be_asked(on_stage: Stage) -> None:
    for wrong in ("interval=20", "from=2026-11-22", "from=2026-11-22T00:00:00Z&to=2026-11-21T00:00:00Z", "nonsense=1"):
        await send(on_stage, "GET", f"{BASE}?{wrong}", 400)
    await send(on_stage, "GET", f"{BASE}?from=2026-01-01T00:00:00Z&to=2026-11-21T00:00:00Z", 400)
    for year in ("0001", "9999"):
        await send(on_stage, "GET", f"{BASE}?from={year}-01-01T00:00:00Z&to={year}-01-02T00:00:00-14:00", 400)


async def test_rules_and_formulas(on_stage: Stage) -> None:
    rules = await send(on_stage, "GET", f"{BASE}/rules", 200)
    assert (rules["version"], rules["queues"][0]["queue"], rules["queues"][0]["threshold_seconds"]) == (0, "*", 20.0)
    rules["queues"].insert(0, {"queue": "vip", "service_level": "asterisk2", "wait": {"warn": 10, "bad": 15}})
    written = await send(on_stage, "PUT", f"{BASE}/rules", 200, rules)
    assert (written["version"], written["queues"][0]["threshold_seconds"]) == (1, 20.0)
    await send(on_stage, "PUT", f"{BASE}/rules", 409, rules)
    await send(on_stage, "PUT", f"{BASE}/rules", 400, rules | {"occupancy": "nonsense"})
    formulas = await send(on_stage, "GET", f"{BASE}/formulas", 200)
    assert len(formulas["service_level"]) == 9
    assert formulas["occupancy"][0] == {
        "name": "available", "formula": "handled / (handled + available)", "source": "ICMI, occupancy",
    }  # fmt: skip


async def test_who_may(on_stage: Stage) -> None:
    supervisor = await on_stage.as_role("supervisor")
    rules = await send(supervisor, "GET", f"{BASE}/rules", 200)
    await send(supervisor, "PUT", f"{BASE}/rules", 403, rules)
    await send(await on_stage.as_role("manager"), "PUT", f"{BASE}/rules", 200, rules)
