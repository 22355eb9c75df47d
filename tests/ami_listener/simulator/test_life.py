from __future__ import annotations

import pytest

from ami_listener.simulator.channel import RING
from ami_listener.simulator.life import Detour, HungUp, finish, hang, send_to, start
from ami_listener.simulator.schedule import Script
from tests.ami_listener.simulator.recorded import sequences
from tests.ami_listener.simulator.scripted import Lab


def nap() -> Script:
    yield 100.0


def test_a_channel_is_buried_when_its_script_ends() -> None:
    lab = Lab()
    channel = lab.call_in("5002")
    lab.pbx.queues["slow"].members.clear()
    lab.run(10.0)
    assert channel.gone and not lab.pbx.channels
    assert sequences(lab.stream)["PJSIP/trunk 1"][-2:] == ["VarSet RTPAUDIOQOSMES", "Hangup"]


@pytest.mark.parametrize(("by", "first"), [("phone", "HangupRequest"), ("command", "SoftHangupRequest")])
def test_who_hangs_up_shows(by: str, first: str) -> None:
    lab = Lab()
    channel = lab.pbx.create(lab.phone("trunk"), RING, "from-pstn", "9")
    lab.pbx.open_call(channel, "inbound", "9")
    start(lab.pbx, channel, nap())
    lab.run(1.0)
    hang(lab.pbx, channel, by)  # type: ignore[arg-type]
    lab.run(1.0)
    assert next(e for e in sequences(lab.stream)["PJSIP/trunk 1"] if e.endswith("Request")) == first
    assert lab.truth[0].hung_up_by == ("caller" if by == "phone" else "system")


def test_a_detour_changes_the_script() -> None:
    lab, seen = Lab(), []

    def other() -> Script:
        seen.append(lab.pbx.now)
        yield 1.0

    channel = lab.pbx.create(lab.phone("trunk"), RING, "from-pstn", "9")
    lab.pbx.open_call(channel, "inbound", "9")
    start(lab.pbx, channel, nap())
    lab.run(1.0)
    send_to(lab.pbx, channel, other())
    lab.run(2.0)
    assert len(seen) == 1 and channel.gone


def test_a_channel_without_a_script_can_be_finished_and_hung_up() -> None:
    lab = Lab()
    first, second = (lab.pbx.create(lab.phone("201"), RING, "internal", "s") for _ in range(2))
    finish(lab.pbx, first, "x")
    hang(lab.pbx, second)
    assert first.gone and second.gone
    hang(lab.pbx, first)


def test_messages_say_what_they_carry() -> None:
    script = nap()
    detour = Detour(script, keep_far=True)
    assert detour.keep_far and not detour.parks and detour.script is script
    assert HungUp("phone").by == "phone" and not HungUp("phone").told
