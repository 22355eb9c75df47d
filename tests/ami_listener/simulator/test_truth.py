from __future__ import annotations

from ami_listener.simulator.channel import UP, Bridge, Channel
from ami_listener.simulator.truth import SimCall, heard_by
from tests.ami_listener.simulator.scripted import Lab


def joined(lab: Lab, call: SimCall, *extens: str) -> list[Channel]:
    bridge = lab.pbx.new_bridge()
    channels = []
    for exten in extens:
        channel = lab.pbx.create(lab.phone(exten), UP, "internal", "s")
        channel.call = call
        call.channels[channel.uniqueid] = channel
        channel.bridge = bridge
        bridge.members.append(channel)
        channels.append(channel)
    return channels


def call(direction: str = "inbound") -> SimCall:
    return SimCall("1.0", direction, "0912", "x", "5001", 0.0)  # type: ignore[arg-type]


def test_talk_is_with_the_outside_and_consult_with_colleagues() -> None:
    lab, one = Lab(), call()
    trunk, phone, other = joined(lab, one, "trunk", "201", "202")
    one.rejoin(10.0)
    assert trunk.bridge is not None
    trunk.bridge.members.remove(trunk)
    one.rejoin(15.0)
    for channel in (phone, other):
        one.left(channel, 18.0)
    assert one.talk == {"PJSIP/201": 5.0, "PJSIP/202": 5.0} and one.consult == {"PJSIP/201": 3.0, "PJSIP/202": 3.0}
    assert one.answered_at == 10.0


def test_on_internal_calls_everybody_talks() -> None:
    lab, one = Lab(), call("internal")
    first, second = joined(lab, one, "201", "202")
    one.rejoin(1.0)
    for channel in (first, second):
        one.left(channel, 4.0)
    assert one.talk == {"PJSIP/201": 3.0, "PJSIP/202": 3.0} and not one.consult


def test_nobody_hears_the_others_in_a_parking_lot() -> None:
    lab, one = Lab(), call()
    trunk, phone = joined(lab, one, "trunk", "201")
    lot = Bridge("lot", "parking", "holding_bridge")
    lot.members = [trunk, phone]
    trunk.bridge = phone.bridge = lot
    assert list(heard_by(phone)) == []


def test_hold_is_counted_once_and_ends_with_the_channel() -> None:
    lab, one = Lab(), call()
    (phone,) = joined(lab, one, "201")
    one.held(phone, 1.0)
    one.held(phone, 2.0)
    one.unheld(phone, 4.0)
    one.unheld(phone, 9.0)
    one.held(phone, 10.0)
    one.left(phone, 12.0)
    assert one.hold_seconds == 5.0


def test_waiting_ends_with_the_talk_or_the_call() -> None:
    one = call()
    one.finish(30.0)
    assert one.wait_seconds == 30.0 and one.outcome == "failed" and one.hung_up_by == "system"
    out = call("outbound")
    out.finish(30.0)
    assert out.wait_seconds is None and out.outcome == "failed"
    out.far_dialled_at, out.answered_at = 5.0, 9.0
    assert out.wait_seconds == 4.0
