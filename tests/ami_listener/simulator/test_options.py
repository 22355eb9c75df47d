from __future__ import annotations

import re
import tomllib

import pytest

from ami_listener.simulator.options import SimulatorOptions, extension, profile, profile_toml


@pytest.mark.parametrize("agents", [3, 12, 99, 100, 1700, 5000])
def test_the_profile_knows_every_phone(agents: int) -> None:
    options = SimulatorOptions(agents=agents)
    pattern = re.compile(profile(options)["extensions"])
    phones = [extension(index, options.phones) for index in range(agents)]
    assert all(pattern.search(phone) for phone in phones) and len(set(phones)) == agents
    assert not pattern.search("trunk") and not pattern.search("09121112233")


def test_the_profile_as_toml() -> None:
    read = tomllib.loads(profile_toml(SimulatorOptions(), "demo"))
    assert read["pbx"]["demo"] == profile(SimulatorOptions())
    assert read["pbx"]["demo"]["extensions"] == r"^(1\d\d|2\d\d)$"


def test_load_gets_phones_enough_and_short_talks() -> None:
    demo, load = SimulatorOptions(), SimulatorOptions(calls_per_second=300.0, agents=0)
    assert demo.phones == 12 and demo.scale == 1.0 and demo.talk > 10.0
    assert load.phones > 1000 and load.talk == 2.0 and load.scale < 0.2
    assert SimulatorOptions(talk_seconds=60.0).talk == 60.0
