from __future__ import annotations

from ami_listener.simulator.channel import DOWN, RING, RINGING, UP
from tests.ami_listener.simulator.scripted import Lab


def states(lab: Lab, device: str) -> list[str]:
    blocks = lab.stream.decode().split("\r\n\r\n")
    return [b.rpartition("State: ")[2] for b in blocks if f"Device: {device}\r\n" in b]


def test_a_phone_is_busy_from_its_first_ring_to_its_last_hang_up() -> None:
    lab = Lab()
    phone = lab.phone("201")
    first = lab.pbx.create(phone, DOWN, "internal", "s")
    assert not phone.in_use and not phone.members[0].can_take(lab.pbx.now)
    lab.pbx.set_state(first, RINGING)
    assert phone.in_use and phone.members[0].status == 3
    lab.pbx.hang_up(first)
    assert states(lab, "PJSIP/201") == ["BUSY", "NOT_INUSE"]
    assert phone.members[0].can_take(lab.pbx.now)


def test_a_trunk_rings_and_is_in_use() -> None:
    lab = Lab()
    trunk = lab.phone("trunk")
    out = lab.pbx.create(trunk, DOWN, "from-pstn", "s")
    lab.pbx.set_state(out, RINGING)
    lab.pbx.set_state(out, UP)
    incoming = lab.pbx.create(trunk, RING, "from-pstn", "5001")
    lab.pbx.hang_up(out)
    lab.pbx.hang_up(incoming)
    assert states(lab, "PJSIP/trunk") == ["RINGING", "INUSE", "NOT_INUSE"]
    assert trunk.talking == 0


def test_a_phone_tells_its_lamp_and_its_queues() -> None:
    lab = Lab()
    lab.pbx.announce(lab.pbx.create(lab.phone("202"), RING, "internal", "09121112233"))
    names = [kind.name for kind, _ in lab.pbx.wire.drain()]
    assert names[:4] == ["Newchannel", "ExtensionStatus", "DeviceStateChange", "QueueMemberStatus"]
    assert names.count("QueueMemberStatus") == 2
