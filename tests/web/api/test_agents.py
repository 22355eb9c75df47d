"""One's own state and the colleagues' over the API; the reasons and rules."""

from __future__ import annotations

import pytest

from crm_core.agents.service import Agents
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place
from cti.control.fake import FakePbx
from cti.control.phones import PhoneAt
from cti.live.agents import Part, WrapRule
from cti.live.events import PbxLinkChanged, QueueChanged, QueueMember
from tests.web.api.test_notes import send
from tests.web.conftest import Stage

ME = "/api/v1/agents/me"


async def at_work(on_stage: Stage) -> tuple[Stage, Agents]:
    """An agent at phone 201, who works with the queues sales and support; sales has him as a static member."""
    agent = await on_stage.as_role("agent", name="سارا", extensions=("201",), queues=("sales", "support"))
    agents = on_stage.services.crm.agents
    agents.connect({"main": FakePbx(queues={"sales": {"PJSIP/201"}, "support": set()})}, {"main": "plain"})
    await agents.start()
    place = Place(agent.actor.id, "سارا", ("201",), (PhoneAt("main", "PJSIP/201", "201", True),))
    member = QueueMember("PJSIP/201", "Sara", 1, False, None, False, False)
    agents.take_many(
        [
            PbxLinkChanged("main", 1.0, True, ""),
            PeopleAtPhones({}, (place,)),
            QueueChanged("main", 1.0, "sales", 0, (member,)),
            QueueChanged("main", 1.0, "support", 0, ()),
        ]
    )
    return agent, agents


async def test_the_day_of_an_agent(on_stage: Stage) -> None:
    agent, _ = await at_work(on_stage)
    own = await send(agent, "GET", ME, 200)
    assert (own["state"], own["own"], own["pauses"]) == ("off", "off", [])
    assert [(q["queue"], q["in"], q["static"]) for q in own["queues"]] == [
        ("sales", False, True),
        ("support", False, False),
    ]
    assert own["phone"] == {"ext": "201", "kind": "unknown", "endpoint": "PJSIP/201", "pbx": "main", "reachable": True}
    await send(agent, "POST", f"{ME}/pause", 409, {"reason": "lunch"})
    assert (await send(agent, "POST", f"{ME}/sign-in", 200, {}))["state"] == "ready"
    await send(agent, "POST", f"{ME}/pause", 404, {"reason": "nonsense"})
    own = await send(agent, "POST", f"{ME}/pause", 200, {"reason": "lunch"})
    assert (own["state"], own["reason"]["id"]) == ("pause", "lunch")
    await send(agent, "POST", f"{ME}/pause", 200, {"reason": "meeting"})
    own = await send(agent, "POST", f"{ME}/ready", 200, {})
    assert (own["state"], own["reason"]["id"]) == ("pause", "lunch")
    assert (await send(agent, "POST", f"{ME}/ready", 200, {"all": True}))["state"] == "ready"
    await send(agent, "POST", f"{ME}/extend", 409, {})
    assert (await send(agent, "POST", f"{ME}/wrap-up-done", 200))["state"] == "ready"
    assert (await send(agent, "POST", f"{ME}/sign-out", 200))["state"] == "off"


async def test_a_result_is_owed_before_anything_else(on_stage: Stage) -> None:
    agent, agents = await at_work(on_stage)
    await send(agent, "POST", f"{ME}/sign-in", 200, {"queues": ["sales"]})
    one, now = agents.floor.agent(agent.actor.id), on_stage.services.clock.now()
    one.join(Part("main-1.1", "main", "talk", now, "sales", talked=True), now, WrapRule(60.0, mandatory=True))
    one.leave("main-1.1", now)
    own = await send(agent, "GET", ME, 200)
    assert (own["state"], own["wrap"]["call"], own["wrap"]["mandatory"]) == ("wrap", "main-1.1", True)
    for what in ("ready", "wrap-up-done", "sign-out"):
        await send(agent, "POST", f"{ME}/{what}", 409, {})
    own = await send(agent, "POST", f"{ME}/extend", 200, {"seconds": 20})
    assert own["wrap"]["extended"] == 1


async def test_a_queue_of_others_is_refused(on_stage: Stage) -> None:
    agent, _ = await at_work(on_stage)
    await send(agent, "POST", f"{ME}/sign-in", 400, {"queues": ["secret"]})
    nowhere = await on_stage.as_role("agent", name="بی‌تلفن")
    await send(nowhere, "POST", f"{ME}/sign-in", 409, {})


async def test_colleagues(on_stage: Stage) -> None:
    agent, _ = await at_work(on_stage)
    await send(agent, "POST", f"{ME}/sign-in", 200, {})
    await send(agent, "POST", f"{ME}/pause", 200, {"reason": "lunch"})
    (seen,) = (await send(on_stage, "GET", "/api/v1/agents", 200))["items"]
    assert (seen["name"], seen["ext"], seen["state"], seen["reachable"]) == ("سارا", "201", "pause", True)
    assert seen["reason"] == {"id": "lunch", "label": "ناهار", "fa": "ناهار", "en": "Lunch"}
    assert (seen["teams"], seen["team_names"]) == ([], [])


async def test_reasons_and_rules(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    reasons = (await send(agent, "GET", "/api/v1/pause-reasons", 200))["items"]
    assert [one["id"] for one in reasons][:2] == ["break", "lunch"]
    rules = await send(on_stage, "GET", "/api/v1/agent-rules", 200)
    rules["reasons"] = [{"id": "tea", "fa": "چای", "en": "Tea", "active": True}]
    rules["wraps"] = [{"queue": "sales", "seconds": None, "mandatory": True}]
    await send(agent, "PUT", "/api/v1/agent-rules", 403, rules)
    after = await send(on_stage, "PUT", "/api/v1/agent-rules", 200, rules)
    assert [(one["id"], one["active"]) for one in after["reasons"]][:2] == [("tea", True), ("break", False)]
    assert after["version"] == 1
    await send(on_stage, "PUT", "/api/v1/agent-rules", 409, rules)
    assert [one["id"] for one in (await send(agent, "GET", "/api/v1/pause-reasons", 200))["items"]] == ["tea"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reasons": [{"id": "missed", "fa": "x"}]},
        {"reasons": [{"id": "a", "fa": "x"}, {"id": "a", "fa": "y"}]},
        {"reasons": [{"id": "a"}]},
        {"reasons": [{"id": "a", "fa": "x\ny"}]},
        {"reasons": [{"id": "A b", "fa": "x"}]},
        {"wraps": [{"queue": "sales"}, {"queue": "sales"}]},
        {"wraps": [{"queue": "sales", "seconds": -1}]},
        {"missed_limit": -1},
    ],
)
async def test_rules_that_cannot_be(on_stage: Stage, wrong: dict[str, object]) -> None:
    await send(on_stage, "PUT", "/api/v1/agent-rules", 400, {"reasons": [], "wraps": [], **wrong})
