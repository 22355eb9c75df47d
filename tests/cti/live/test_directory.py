"""What a PBX has, put together from its lists and kept in step by what it tells in between."""

from __future__ import annotations

from cti.live import directory
from cti.live.directory import DirectoryBook
from cti.live.events import DirectoryRead, Endpoint, EndpointChanged, MailboxChanged
from cti.live.inventory import DeviceStateTold, DirectoryListed, ListedEndpoint, Mailbox, MessagesWaiting
from cti.live.profile import Profile, ProfileSettings


def book(*endpoints: ListedEndpoint, at: float = 100.0, boxes: tuple[Mailbox, ...] = ()) -> DirectoryBook:
    one = DirectoryBook("main", Profile(ProfileSettings(extensions=r"^2\d\d$", trunks="^trunk$")))
    one.listed(DirectoryListed(at, endpoints, boxes))
    return one


def whole(one: DirectoryBook) -> dict[str, Endpoint]:
    (read,) = one.take()
    assert isinstance(read, DirectoryRead)
    return {endpoint.name: endpoint for endpoint in read.endpoints}


def test_an_endpoint_is_put_together_from_several_lists() -> None:
    one = book(
        ListedEndpoint("PJSIP/201", "unknown", address="192.0.2.7:5060"),
        ListedEndpoint("PJSIP/trunk", "used"),
        ListedEndpoint("PJSIP/201", "unreachable"),
        ListedEndpoint("PJSIP/201", "idle", title="Sara"),
        ListedEndpoint("SCCP/reception", extension="777"),
    )
    assert list(whole(one).values()) == [
        Endpoint("PJSIP/201", "phone", "201", "Sara", "192.0.2.7:5060", False, None),
        Endpoint("PJSIP/trunk", "trunk", None, "", "", True, None),
        Endpoint("SCCP/reception", "other", "777", "", "", None, None),
    ]


def test_only_registration_is_followed_between_two_readings() -> None:
    one = book(ListedEndpoint("PJSIP/201", "idle"))
    whole(one)
    one.state(DeviceStateTold(101.0, "PJSIP/201", "used"))
    one.state(DeviceStateTold(102.0, "PJSIP/999", "unreachable"))
    assert one.take() == []
    one.state(DeviceStateTold(103.0, "PJSIP/201", "unreachable"))
    (told,) = one.take()
    assert isinstance(told, EndpointChanged)
    assert (told.endpoint.reachable, told.endpoint.since, told.at) == (False, 103.0, 103.0)
    assert one.take() == []


def test_what_waits_in_a_mailbox_is_followed_between_two_readings() -> None:
    one = book(boxes=(Mailbox("201", "default", "Sara", 0, 4), Mailbox("201", "sales", "", 7, 0)))
    whole(one)
    one.waiting(MessagesWaiting(101.0, "201", "default", 1, 4))
    one.waiting(MessagesWaiting(102.0, "201", "default", 2, 4))
    (told,) = one.take()
    assert told == MailboxChanged("main", 102.0, Mailbox("201", "default", "Sara", 2, 4))
    one.waiting(MessagesWaiting(103.0, "201", "default", 2, 4))
    assert one.take() == []  # nothing new
    one.waiting(MessagesWaiting(104.0, "299", "default", 1, 0))  # one that no list told of
    assert one.take() == [MailboxChanged("main", 104.0, Mailbox("299", "default", "", 1, 0))]
    one.waiting(MessagesWaiting(105.0, "201", "default", 3, 4))
    one.listed(DirectoryListed(106.0, (), (Mailbox("201", "default", "Sara", 0, 7),)))
    assert isinstance(one.take()[0], DirectoryRead)  # a reading says it all


def test_a_reading_keeps_since_when_and_drops_what_is_gone() -> None:
    one = book(ListedEndpoint("PJSIP/201", "idle"), ListedEndpoint("PJSIP/202", "idle"))
    one.state(DeviceStateTold(103.0, "PJSIP/201", "unreachable"))
    one.listed(DirectoryListed(200.0, (ListedEndpoint("PJSIP/201", "unreachable"),)))
    assert [(e.name, e.since) for e in whole(one).values()] == [("PJSIP/201", 103.0)]
    one.listed(DirectoryListed(300.0, (ListedEndpoint("PJSIP/201", "used"),)))
    assert whole(one)["PJSIP/201"].since == 300.0


def test_a_pbx_without_end_does_not_fill_memory(monkeypatch) -> None:
    monkeypatch.setattr(directory, "MOST_ENDPOINTS", 5)
    one = book(*(ListedEndpoint(f"PJSIP/{n}", "idle") for n in range(20)))
    assert len(whole(one)) == 5


def test_what_it_did_not_tell_is_said() -> None:
    one = DirectoryBook("main", Profile())
    one.listed(DirectoryListed(1.0, (), (Mailbox("201"),), ("sales",), ("addresses",)))
    (read,) = one.take()
    assert isinstance(read, DirectoryRead)
    assert (read.mailboxes, read.queues, read.silent) == ((Mailbox("201"),), ("sales",), ("addresses",))
