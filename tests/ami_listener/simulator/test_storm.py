"""Commands at random on whatever is up: the simulated PBX must survive all of them and leave nothing behind."""

from __future__ import annotations

import random

import pytest

from ami_listener.replay import replay
from ami_listener.simulator.actions import COMMANDS
from ami_listener.simulator.options import SimulatorOptions, profile
from ami_listener.simulator.request import parse
from ami_listener.simulator.simulation import GREETING, Simulation
from cti.live.profile import Profile, ProfileSettings
from tests.ami_listener.simulator.scripted import EPOCH

ACTIONS = ("Hangup", "Redirect", "BlindTransfer", "Atxfer", "CancelAtxfer", "Park", "QueuePause", "Originate")
PLACES = ("201", "205", "299", "5001", "02191001000", "09121112233", "6001", "701", "02191001020")


def command(simulation: Simulation, rng: random.Random) -> None:
    channels = list(simulation.pbx.channels)
    if not channels:
        return
    action, phone = rng.choice(ACTIONS), f"PJSIP/{rng.randrange(201, 213)}"
    headers = {
        "Channel": phone if action == "Originate" else rng.choice(channels),
        "Context": rng.choice(("internal", "from-pstn")),
        "Exten": rng.choice(PLACES),
        "Interface": phone,
        "Paused": rng.choice(("true", "false")),
    }
    if rng.random() < 0.3:
        headers |= {"ExtraChannel": rng.choice(channels), "ExtraContext": "internal", "ExtraExten": "203"}
    lines = [f"Action: {action}", *(f"{name}: {value}" for name, value in headers.items())]
    assert COMMANDS[action][1](simulation.pbx, parse(lines)).startswith("Response: ")


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_left_of_a_storm(seed: int) -> None:
    options = SimulatorOptions(calls=250, seed=seed, start_at=EPOCH)
    simulation, rng = Simulation(options), random.Random(seed)
    pbx, chunks = simulation.pbx, [GREETING.encode()]
    while not simulation.done:
        simulation.advance(simulation.schedule.now + rng.expovariate(0.4))
        assert simulation.schedule.now < EPOCH + 20_000.0, f"stuck: {list(pbx.channels)}"
        if simulation.flows.made < 250:
            command(simulation, rng)
        chunks.append("".join(text for _, text in pbx.wire.drain()).encode())
    assert not (pbx.slots or pbx.consults or pbx.conferences)
    assert all(bridge.type == "parking" and not bridge.members for bridge in pbx.bridges.values())
    assert not any(device.channels or device.talking or device.in_use for device in pbx.devices.values())
    assert not any(queue.waiting for queue in pbx.queues.values())
    records = replay(chunks, Profile(ProfileSettings(**profile(options))))  # type: ignore[arg-type]
    ours = {linkedid for record in records for linkedid in record.linkedids}
    assert {call.linkedid for call in simulation.truth} <= ours
    assert not any(record.provisional for record in records)
