from __future__ import annotations

import random

from ami_listener.simulator.behaviour import Human
from ami_listener.simulator.demo import MENU, build
from ami_listener.simulator.flows import Flows, call_in, call_out
from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.pbx import Pbx
from ami_listener.simulator.people import Person
from ami_listener.simulator.schedule import Schedule
from ami_listener.simulator.truth import SimCall


def demo(seed: int = 1) -> tuple[Pbx, Flows, list[SimCall]]:
    truth: list[SimCall] = []
    rng = random.Random(seed)
    pbx = build(SimulatorOptions(), Schedule(1.8e9), rng, truth.append)
    assert isinstance(pbx.behaviour, Human)
    return pbx, Flows(pbx, pbx.behaviour, rng, 2.0, 50), truth


def test_the_stream_ends_at_its_limit_and_keeps_its_rate() -> None:
    pbx, flows, truth = demo()
    script = pbx.schedule.spawn(flows.script())
    pbx.schedule.run_until(pbx.now + 60.0)
    assert script.done and flows.made == 50
    starts = sorted(call.started_at for call in truth)
    assert 10.0 < starts[-1] - 1.8e9 < 45.0


def test_an_outside_caller_gives_up() -> None:
    pbx, _, truth = demo()
    call_in(pbx, Person("+989121112233", "علی"), MENU, patience=1.0)
    pbx.schedule.run_until(pbx.now + 5.0)
    assert [(c.caller, c.caller_name, c.dialled, c.outcome) for c in truth] == [
        ("+989121112233", "علی", MENU, "abandoned")
    ]


def test_a_phone_dials_inside_or_outside() -> None:
    pbx, _, _ = demo()
    phones = [device for device in pbx.devices.values() if not device.outside]
    outside = call_out(pbx, phones[0], "09121112233", 60.0)
    inside = call_out(pbx, phones[1], phones[2].exten, 60.0)
    assert outside.call is not None and outside.call.direction == "outbound"
    assert inside.call is not None and inside.call.direction == "internal"


def test_agents_take_breaks_for_a_reason() -> None:
    pbx, flows, _ = demo()
    phone = next(device for device in pbx.devices.values() if device.members)
    pbx.schedule.spawn(flows.breaks(phone))
    reasons = set()
    for _ in range(4000):
        pbx.schedule.run_until(pbx.now + 20.0)
        assert len({member.paused for member in phone.members}) == 1
        reasons.add(phone.members[0].paused_reason)
    assert {"", "ناهار", "break"} <= reasons
