"""One call in the channel names of every driver that the field still has: the record is the same, by its own names."""

from __future__ import annotations

import pytest

from cti.live.profile import ProfileSettings
from tests.scenarios.mixing import headers_of
from tests.scenarios.recorded import SCENARIOS, blocks, event_of, raw
from tests.scenarios.script import Chan, Script, record, records
from tests.scenarios.test_complaints import answered_by

NAMES = [
    # line outside: its channel, its endpoint; phone: its channel, its endpoint, its extension
    ("SIP/carrier-00000012", "SIP/carrier", "SIP/201-0000001c", "SIP/201", "201"),
    ("SIP/10.20.30.40:5060-00000012", "SIP/10.20.30.40", "SIP/karshenas-7-0000001c", "SIP/karshenas-7", "karshenas-7"),
    ("PJSIP/carrier-fa-00000012", "PJSIP/carrier-fa", "PJSIP/201-0000001c", "PJSIP/201", "201"),
    ("DAHDI/i1/09121112233-3", "DAHDI/i1", "SIP/201-0000001c", "SIP/201", "201"),
    ("DAHDI/i2-7", "DAHDI/i2", "DAHDI/5-1", "DAHDI/5", "5"),
    ("DAHDI/g1/02188880000-1", "DAHDI/g1", "DAHDI/23-2", "DAHDI/23", "23"),
    ("IAX2/branch-4471", "IAX2/branch", "IAX2/201-2", "IAX2/201", "201"),
    ("IAX2/192.168.7.2:4569-3316", "IAX2/192.168.7.2", "IAX2/201-11", "IAX2/201", "201"),
    ("Dongle/dongle0-0100000001", "Dongle/dongle0", "SCCP/201-00000003", "SCCP/201", "201"),
    ("Quectel/quectel0-0100000001", "Quectel/quectel0", "PJSIP/99201-0000001c", "PJSIP/99201", "201"),
    ("OOH323/gateway-12", "OOH323/gateway", "Skinny/201@desk-1", "Skinny/201@desk", "201@desk"),
    ("mISDN/1-u12", "mISDN/1", "PJSIP/201-0000001c", "PJSIP/201", "201"),
]
SETTINGS = ProfileSettings(
    preset="freepbx", trunks=r"^(carrier|10\.|192\.|i\d|g\d|branch|dongle|quectel|gateway|1$)", area_code="021",
    extensions=r"^((99)?2\d\d(@desk)?|karshenas-\d|5|23)$",
)  # fmt: skip


@pytest.mark.parametrize(("line", "outside", "device", "phone", "extension"), NAMES, ids=[n[0] for n in NAMES])
def test_a_call_in_and_a_call_out(line: str, outside: str, device: str, phone: str, extension: str) -> None:
    s = Script()
    caller = s.channel(outside, number="09121112233", exten="5001", full_name=line)
    agent = _rung(s, caller, device)
    s.talk(caller, agent)
    s.wait(10)
    s.hangs_up(caller, agent)
    inbound = record(s, SETTINGS)
    assert (inbound.direction, inbound.outcome, inbound.hung_up_by) == ("inbound", "answered", "caller")
    assert [(leg.endpoint, leg.extension, leg.talk_seconds) for leg in inbound.legs] == [
        (phone, extension, pytest.approx(10))
    ]

    s = Script()
    agent = s.channel(phone, number="201", exten="09121112233", full_name=device)
    far = _rung(s, agent, line)
    s.talk(agent, far)
    s.wait(10)
    s.hangs_up(far, agent)
    out = record(s, SETTINGS)
    assert (out.direction, out.outcome, out.hung_up_by) == ("outbound", "answered", "callee")
    assert out.dialled.number == "+989121112233"
    assert [(leg.endpoint, leg.outside) for leg in out.legs] == [(phone, False), (outside, True)]


def _rung(s: Script, who: Chan, full_name: str) -> Chan:
    chan = s.channel("", state="down", of=who, full_name=full_name)
    chan.dialler = who
    s.event("DialBegin", *who.headers, *((f"Dest{key}", value) for key, value in chan.headers), ("DialString", "x"))
    s.state(chan, "ringing")
    return chan


def test_another_device_takes_a_channel_over() -> None:
    """Masquerade, as chan_sip's pick-up and old transfers do it: the old device is left as a zombie."""
    s = Script()
    caller = s.channel("SIP/carrier", number="09121112233", exten="5001")
    agent = s.dials(caller, "SIP/201")
    s.wait(2)
    taker = s.channel("SIP/202", number="202", exten="*8")
    s.state(taker, "up")
    for old, new, chan in (
        (taker.name, taker.name + "<MASQ>", taker),
        (agent.name, taker.name, agent),
        (taker.name + "<MASQ>", agent.name + "<ZOMBIE>", taker),
    ):
        s.event("Rename", ("Channel", old), ("Newname", new), ("Uniqueid", chan.uid))
    agent.name, taker.name = taker.name, agent.name + "<ZOMBIE>"
    s.end(taker)
    s.talk(caller, agent)
    s.wait(10)
    s.hangs_up(caller, agent)
    found = next(each for each in records(s, SETTINGS) if caller.linkedid in each.linkedids)
    legs = {leg.endpoint: leg for leg in found.legs}
    assert legs["SIP/202"].talk_seconds == pytest.approx(10)
    assert legs["SIP/202"].result == "answered"


def test_scripts_use_the_names_that_asterisk_uses() -> None:
    """Each header of a script's event is one that the event has in the recorded streams."""
    known: dict[bytes, set[bytes]] = {}
    for scenario in SCENARIOS:
        for block in blocks(raw(scenario)):
            known.setdefault(event_of(block), set()).update(headers_of(block))
    s = Script()
    caller, agent = answered_by(s)
    s.wait(1)
    s.queues(caller, "q")
    s.leaves_queue(caller, "q")
    other = s.transfers_by_keys(agent, caller, "PJSIP/202", 3)
    s.hold(other)
    s.unhold(other)
    s.blind(other, "203")
    s.connects(caller, s.dials(caller, "PJSIP/203"), "q")
    s.member("q", "PJSIP/203")
    s.lists()
    s.abandons(caller, "q")
    for block in s.out:
        name = event_of(block)
        if name:
            assert set(headers_of(block)) <= known[name], name
