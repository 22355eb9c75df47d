"""What a PBX tells of its endpoints and mailboxes, in each of the lists that it may have."""

from __future__ import annotations

from ami_listener.directory import QUESTIONS, read_directory
from ami_listener.protocol import AmiReader, Message
from ami_listener.simulator.listings import LISTINGS
from ami_listener.simulator.request import parse
from cti.control.port import PbxRefusedError, PbxSilentError
from cti.live.events import QueueChanged, QueueMember
from cti.live.inventory import DirectoryListed, ListedEndpoint, Mailbox
from tests.ami_listener.simulator.scripted import Lab, Scripted
from tests.ami_listener.streams import recorded


def item(event: str, **headers: str) -> Message:
    return Message(event, headers, 0, 0)


async def read(
    answers: dict[str, list[Message]], *, told=(), members=(), may: set[str] | None = None
) -> DirectoryListed:
    async def ask(action: str) -> list[Message]:
        if action not in answers:
            raise PbxRefusedError("No endpoints found")
        return answers[action]

    permitted = frozenset(question.action for question in QUESTIONS) if may is None else frozenset(may)
    return await read_directory(ask, permitted, 5.0, told, members)


async def test_asterisk_22s_own_device_states() -> None:
    messages = AmiReader().feed(recorded("resync_snapshot"))
    states = [m for m in messages if m.headers.get("ActionID") == "cap-11"]
    listed = await read({"DeviceStateList": states}, may={"DeviceStateList"})
    assert {(e.name, e.state) for e in listed.endpoints} == {
        ("PJSIP/load", "idle"), ("PJSIP/trunk", "used"), ("PJSIP/201", "used"), ("PJSIP/202", "used"),
        ("PJSIP/203", "used"), ("PJSIP/204", "idle"), ("PJSIP/209", "idle"),
    }  # fmt: skip
    assert listed.silent == ("addresses", "mailboxes")


async def test_endpoints_of_pjsip_with_where_they_are() -> None:
    contacts = "201/sip:201@192.0.2.7:5060;transport=udp,201/sip:201@192.0.2.8:5062,"
    listed = await read(
        {
            "PJSIPShowEndpoints": [
                item("EndpointList", ObjectName="201", DeviceState="Not in use", Contacts=contacts),
                item("EndpointList", ObjectName="202", DeviceState="Unavailable", Contacts=""),
                item(
                    "EndpointList", ObjectName="203", DeviceState="On Hold", Contacts="203/sip:203@[2001:db8::1]:5060,"
                ),
                item("EndpointListComplete", ListItems="3"),
            ]
        }
    )
    assert listed.endpoints == (
        ListedEndpoint("PJSIP/201", "idle", address="192.0.2.7:5060"),
        ListedEndpoint("PJSIP/202", "unreachable"),
        ListedEndpoint("PJSIP/203", "used", address="[2001:db8::1]:5060"),
    )


async def test_peers_of_chan_sip_and_iax() -> None:
    peer = {"Channeltype": "SIP", "IPport": "5060"}
    listed = await read(
        {
            "SIPpeers": [
                item(
                    "PeerEntry", ObjectName="201", IPaddress="192.0.2.7", Status="OK (5 ms)", Description="Sara", **peer
                ),
                item("PeerEntry", ObjectName="202", IPaddress="-none-", Status="UNKNOWN", **peer),
                item("PeerEntry", ObjectName="203", IPaddress="192.0.2.9", Status="Unmonitored", **peer),
                item("PeerEntry", ObjectName="204", IPaddress="-none-", Status="Unmonitored", **peer),
                item("PeerEntry", ObjectName="", **peer),
            ],
            "IAXpeerlist": [
                item(
                    "PeerEntry",
                    Channeltype="IAX2",
                    ObjectName="branch",
                    IPaddress="192.0.2.20",
                    IPport="4569",
                    Status="LAGGED (900 ms)",
                )
            ],
        }
    )
    assert listed.endpoints == (
        ListedEndpoint("SIP/201", "idle", None, "Sara", "192.0.2.7:5060"),
        ListedEndpoint("SIP/202", "unreachable"),
        ListedEndpoint("SIP/203", "unknown", address="192.0.2.9:5060"),
        ListedEndpoint("SIP/204", "unreachable"),
        ListedEndpoint("IAX2/branch", "idle", address="192.0.2.20:4569"),
    )


async def test_hints_and_members_are_endpoints_too_with_the_members_name() -> None:
    members = (
        QueueMember("PJSIP/201", "Sara", 1, False, None, False, False),
        QueueMember("PJSIP/202", "PJSIP/202", 1, False, None, False, False),
        QueueMember("Local/203@from-queue/n", "Ali", 1, False, None, False, False),
    )
    listed = await read({}, told=[("SIP/desk", "777")], members=[QueueChanged("main", 1.0, "q", 0, members)])
    assert listed.endpoints == (
        ListedEndpoint("SIP/desk", extension="777"),
        ListedEndpoint("PJSIP/201", title="Sara"),
        ListedEndpoint("PJSIP/202"),
    )


async def test_a_refusal_is_an_empty_list_and_silence_is_told() -> None:
    async def silent(action: str) -> list[Message]:
        if action == "DeviceStateList":
            raise PbxSilentError("no answer")
        raise PbxRefusedError("There are no voicemail users currently defined.")

    listed = await read_directory(silent, frozenset(("DeviceStateList", "VoicemailUsersList")), 5.0, (), ())
    assert listed.mailboxes == ()
    assert "registration" in listed.silent and "mailboxes" not in listed.silent


async def test_the_simulated_pbx_is_read_whole() -> None:
    lab = Lab(Scripted({}))

    async def ask(action: str) -> list[Message]:
        text = LISTINGS[action][1](lab.pbx, parse([f"Action: {action}", "ActionID: 7"]))
        return AmiReader().feed(b"Asterisk Call Manager/11.0.0\r\n" + text.encode())

    listed = await read_directory(ask, frozenset(LISTINGS), 5.0, (), ())
    assert listed.silent == ()
    known = {endpoint.name: endpoint.state for endpoint in listed.endpoints}
    assert known["PJSIP/201"] == "idle" and "PJSIP/trunk" in known
    assert Mailbox("201", "default", lab.pbx.devices["PJSIP/201"].title, 0, 0) in listed.mailboxes
