"""Every driver's names taken apart: the endpoint is what a profile knows, whatever is unique about one call."""

from __future__ import annotations

import pytest

from ami_listener.channel_names import LONGEST, channel_name


@pytest.mark.parametrize(
    ("name", "endpoint", "peer"),
    [
        ("PJSIP/201-0000001c", "PJSIP/201", "201"),
        ("PJSIP/mci-tehran-0000001c", "PJSIP/mci-tehran", "mci-tehran"),
        ("SIP/201-0000001c", "SIP/201", "201"),
        ("SIP/10.0.0.5:5060-0000001c", "SIP/10.0.0.5", "10.0.0.5"),
        ("SIP/proxy.example.com-0000001c", "SIP/proxy.example.com", "proxy.example.com"),
        ("DAHDI/i1/09121112233-3", "DAHDI/i1", "i1"),
        ("DAHDI/i2-7", "DAHDI/i2", "i2"),
        ("DAHDI/5-1", "DAHDI/5", "5"),
        ("DAHDI/5-2", "DAHDI/5", "5"),
        ("DAHDI/g1/02188880000-1", "DAHDI/g1", "g1"),
        ("DAHDI/pseudo-1234", "DAHDI/pseudo", "pseudo"),
        ("Zap/1-1", "Zap/1", "1"),
        ("IAX2/branch-4471", "IAX2/branch", "branch"),
        ("IAX2/192.168.7.2:4569-3316", "IAX2/192.168.7.2", "192.168.7.2"),
        ("SCCP/201-00000003", "SCCP/201", "201"),
        ("Skinny/201@desk-1", "Skinny/201@desk", "201@desk"),
        ("Dongle/dongle0-0100000001", "Dongle/dongle0", "dongle0"),
        ("Dongle/dongle0/09121112233-01", "Dongle/dongle0", "dongle0"),
        ("Quectel/quectel0-0100000001", "Quectel/quectel0", "quectel0"),
        ("mISDN/1-u12", "mISDN/1", "1"),
        ("OOH323/gateway-12", "OOH323/gateway", "gateway"),
        ("PJSIP/201", "PJSIP/201", "201"),
        ("AsyncGoto/PJSIP/201-0000001c", "PJSIP/201", "201"),
        ("PJSIP/201-0000001c<MASQ>", "PJSIP/201", "201"),
    ],
)
def test_a_device(name: str, endpoint: str, peer: str) -> None:
    found = channel_name(name)
    assert (found.endpoint, found.peer, found.pair, found.technical) == (endpoint, peer, None, False)


@pytest.mark.parametrize(
    ("one", "two", "peer"),
    [
        ("Local/201@from-queue-0000001c;1", "Local/201@from-queue-0000001c;2", "201@from-queue"),
        ("Local/0912@a-b-c-00000001;1", "Local/0912@a-b-c-00000001;2", "0912@a-b-c"),
    ],
)
def test_the_halves_of_a_local_channel_share_a_pair(one: str, two: str, peer: str) -> None:
    first, second = channel_name(one), channel_name(two)
    assert first.pair == second.pair is not None
    assert first.endpoint == f"Local/{peer}"
    assert first.pair != channel_name(one.replace("000001", "000002")).pair


def test_a_local_channel_without_its_half_has_no_pair() -> None:
    assert channel_name("Local/201@x").pair is None
    assert channel_name("Local/201@x-1;3").pair is None


@pytest.mark.parametrize(
    "name",
    ["CBAnn/room1-00000001;2", "CBRec/conf-1-uid-1", "Announcer/ARI-1;1", "Recorder/ARI-1;1", "Surrogate/x",
     "Message/ast_msg_queue", "Snoop/1795311061.47-00000001", "MulticastRTP/0x7f-1", "PJSIP/201-0000001c<ZOMBIE>",
     "AudioSocket/10.0.0.1:9000-1", "WebSocket/media-1"],
)  # fmt: skip
def test_what_serves_the_pbx_itself_is_technical(name: str) -> None:
    assert channel_name(name).technical


@pytest.mark.parametrize("name", ["", "x" * (LONGEST + 1)])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        channel_name(name)


@pytest.mark.parametrize(
    "name", ["/", "-", ";1", "Local/", "Local/;1", "PJSIP", "/-1", "DAHDI//", "\x00", "Local/;;1", "é/é"]
)
def test_nonsense_is_some_endpoint_and_never_an_exception(name: str) -> None:
    assert channel_name(name).endpoint
