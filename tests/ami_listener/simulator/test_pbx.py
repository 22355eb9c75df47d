from __future__ import annotations

from ami_listener.simulator.channel import DOWN, RING
from tests.ami_listener.simulator.scripted import EPOCH, Lab


def test_ids_are_seconds_and_a_counter_and_names_are_hexadecimal() -> None:
    lab = Lab()
    made = [lab.pbx.create(lab.phone("trunk"), RING, "from-pstn", "5001") for _ in range(27)]
    assert [c.uniqueid for c in made[:2]] == [f"{int(EPOCH)}.0", f"{int(EPOCH)}.1"]
    assert made[26].name == "PJSIP/trunk-0000001a"


def test_a_dialled_channel_inherits_the_linkedid_and_the_call() -> None:
    lab = Lab()
    caller = lab.pbx.create(lab.phone("trunk"), RING, "from-pstn", "5001")
    call = lab.pbx.open_call(caller, "inbound", "5001")
    leg = lab.pbx.create(lab.phone("201"), DOWN, "internal", "s", caller)
    assert leg.linkedid == caller.uniqueid and leg.call is call and leg.uniqueid in call.channels


def test_a_bridge_gives_all_the_oldest_linkedid() -> None:
    lab = Lab()
    channels = []
    for exten in ("201", "202", "203"):
        channel = lab.pbx.create(lab.phone(exten), RING, "internal", "s")
        lab.pbx.open_call(channel, "internal", "x")
        channels.append(channel)
        lab.run(1.0)
    bridge = lab.pbx.new_bridge()
    for channel in reversed(channels):
        lab.pbx.enter(bridge, channel)
    assert channels[1].linkedid == channels[0].linkedid
    assert len({channel.call for channel in channels}) == 1


def test_an_empty_bridge_is_destroyed_once() -> None:
    lab = Lab()
    one = lab.pbx.create(lab.phone("201"), RING, "internal", "s")
    bridge = lab.pbx.new_bridge()
    lab.pbx.enter(bridge, one)
    lab.pbx.hang_up(one)
    lab.pbx.hang_up(one)
    lab.pbx.destroy(bridge)
    text = lab.stream.decode()
    assert text.count("Event: BridgeDestroy") == 1 and text.count("Event: Hangup") == 1 and not lab.pbx.bridges


def test_connected_lines_are_told_when_they_change() -> None:
    lab = Lab()
    one = lab.pbx.create(lab.phone("201"), RING, "internal", "s")
    lab.pbx.connect(one, "1", "a")
    lab.pbx.connect(one, "1", "a")
    assert lab.stream.decode().count("Event: NewConnectedLine") == 1


def test_calls_are_reported_when_their_last_channel_is_gone() -> None:
    lab = Lab()
    caller = lab.pbx.create(lab.phone("trunk"), RING, "from-pstn", "5001")
    lab.pbx.open_call(caller, "inbound", "5001")
    leg = lab.pbx.create(lab.phone("201"), DOWN, "internal", "s", caller)
    lab.pbx.hang_up(caller)
    assert lab.truth == []
    lab.pbx.hang_up(leg)
    assert [call.linkedid for call in lab.truth] == [caller.linkedid]
