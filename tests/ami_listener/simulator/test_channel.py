from __future__ import annotations

from ami_listener.simulator.channel import RINGING, Bridge, Channel
from ami_listener.simulator.devices import Device


def channel(name: str = "PJSIP/201-0000001a", created: float = 1.0, serial: int = 7) -> Channel:
    return Channel(Device(name.rpartition("-")[0], "201", "Sara"), name, f"1800000000.{serial}", created, serial)


def test_headers_follow_what_changes() -> None:
    one = channel()
    assert "CallerIDNum: <unknown>\r\n" in one.headers()
    assert "ChannelStateDesc: Down\r\n" in one.headers()
    one.connect("09121112233", "علی")
    one.set_state(RINGING)
    one.move("internal", "202", 3)
    text = one.headers()
    assert "ConnectedLineName: علی\r\n" in text and "ChannelStateDesc: Ringing\r\n" in text
    assert "Context: internal\r\nExten: 202\r\nPriority: 3\r\n" in text
    assert one.dest_headers().startswith("DestChannel: PJSIP/201-0000001a\r\nDestChannelState: 5\r\n")


def test_endpoint_is_the_name_without_its_serial() -> None:
    assert channel("PJSIP/trunk-pars-0000001a").endpoint == "PJSIP/trunk-pars"


def test_the_older_channel_is_the_one_created_first() -> None:
    assert channel(created=1.0, serial=9).older_than(channel(created=2.0, serial=1))
    assert channel(created=1.0, serial=1).older_than(channel(created=1.0, serial=2))


def test_a_bridge_counts_its_members() -> None:
    bridge = Bridge("b-1")
    bridge.members.append(channel())
    assert "BridgeNumChannels: 1\r\n" in bridge.headers()
    assert "BridgeNumChannels: 4\r\n" in bridge.headers(4)
    assert bridge.headers(p="ToBridge").startswith("ToBridgeUniqueid: b-1\r\nToBridgeType: basic\r\n")
    assert Bridge("b-2", "parking", "holding_bridge").holding and not bridge.holding
