from __future__ import annotations

import random

import pytest

from ami_listener.simulator.demo import CONFERENCE, DIRECT_PREFIX, GROUP, MENU, QUEUES, build, contexts, staff
from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.pbx import Pbx
from ami_listener.simulator.schedule import Schedule


def pbx(**options: object) -> Pbx:
    made = SimulatorOptions(**options)  # type: ignore[arg-type]
    return build(made, Schedule(1.8e9), random.Random(1), lambda call: None)


def test_twelve_agents_with_persian_names_serve_four_queues() -> None:
    made = pbx()
    phones = [device for device in made.devices.values() if not device.outside]
    assert len(phones) == 12 and phones[0].exten == "201" and phones[0].title == "سارا محمدی"
    assert sorted(made.queues) == ["billing", "sales", "support", "warranty"]
    assert all(phone.members for phone in phones)
    assert all(2 <= len(queue.members) <= 8 for queue in made.queues.values())


@pytest.mark.parametrize("agents", [1, 3, 200, 1500])
def test_any_number_of_agents_will_do(agents: int) -> None:
    made = pbx(agents=agents)
    assert all(queue.members for queue in made.queues.values())
    assert all(queue.strategy != "ringall" or len(queue.members) <= 12 for queue in made.queues.values())
    assert len(staff([])["sales"]) == 0


@pytest.mark.parametrize(
    "did", [MENU, GROUP, CONFERENCE, *QUEUES.values(), DIRECT_PREFIX + "201", DIRECT_PREFIX + "2001"]
)
def test_every_direct_number_leads_somewhere(did: str) -> None:
    assert pbx().dialplan.steps("from-pstn", did)


def test_inside_numbers() -> None:
    plan = pbx().dialplan
    assert plan.leads_outside("internal", "09121112233") and plan.leads_outside("internal", "02188776655")
    assert not plan.leads_outside("internal", "201") and not plan.leads_outside("internal", "2001")
    assert plan.steps("internal", "701")[0].app == "ParkedCall"
    assert plan.steps("internal", "5001")[0].data.startswith("queues,")
    assert contexts(("201",), 0.1)["queues"]["5001"][4].data == "sales,tTkK,,,10"
