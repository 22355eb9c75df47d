"""One PBX from bytes to events, over a socket: what is told and asked after connecting, in doubt, and after a gap."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ami_listener import listener as listening
from ami_listener.journal import JournalReader, JournalWriter
from ami_listener.link import Limits
from ami_listener.listener import PbxListener, correction
from ami_listener.url import PbxUrl
from cti.kernel.clock import SystemClock
from cti.live.events import CallEnded, CallStarted, DirectoryRead, EndpointChanged, Event, PbxLinkChanged
from cti.live.profile import Profile, read_profiles
from cti.live.record import CallRecord
from tests.ami_listener.fake_ami import RIGHTS, FakeAmi, Headers, Session, error, event, success, until
from tests.ami_listener.streams import FIXTURES, recorded

QUICK = Limits(ping_every=0.05, ping_answer=0.2, listing=0.3, retry_first=0.01, retry_cap=0.05)
STREAM = recorded("did_answered")
"""One call: PJSIP/trunk-00000007 rings PJSIP/201-00000008, which answers; seven seconds in all."""
BEGAN = 1795311007.14
UP_TO_THE_TALK = STREAM[: STREAM.index(b"Event: HangupRequest")]
AFTER_IT = STREAM[len(UP_TO_THE_TALK) :]
LINKEDID = "1795311007.12"


class ThatDay(SystemClock):
    """The time at which the stream was recorded, going on; ``behind``: seconds that our clock is behind the PBX's."""

    def __init__(self, behind: float = 0.0) -> None:
        self._offset = BEGAN - time.time() - behind

    def now(self) -> float:
        return super().now() + self._offset


class Pbx(FakeAmi):
    """Answers the questions of a resync with what ``up`` and ``queues`` hold."""

    def __init__(self) -> None:
        super().__init__()
        self.rights = [*RIGHTS, "CoreShowChannels", "ExtensionStateList"]
        self.up: list[tuple[tuple[str, str], ...]] = []
        self.members: list[str] = []
        self.devices: dict[str, str] = {}
        self.ahead = 0.0
        self.replies["Ping"] = self._tell_time

    def _tell_time(self, session: Session, request: Headers) -> bytes:
        stamp = ThatDay().now() + self.ahead
        return success(request, ("Ping", "Pong"), ("Timestamp", f"{stamp:.6f}"))

    def _coreshowchannels(self, session: Session, request: Headers) -> bytes:
        return self._list(request, "CoreShowChannel", "CoreShowChannelsComplete", self.up)

    def _queuestatus(self, session: Session, request: Headers) -> bytes:
        members = [(("Queue", "sales"), ("Name", m), ("Location", m), ("Status", "1")) for m in self.members]
        return self._list(request, "QueueMember", "QueueStatusComplete", members)

    def _extensionstatelist(self, session: Session, request: Headers) -> bytes:
        hints = [(("Exten", "777"), ("Context", "internal"), ("Hint", "SIP/reception"), ("Status", "0"))]
        return self._list(request, "ExtensionStatus", "ExtensionStateListComplete", hints)

    def _devicestatelist(self, session: Session, request: Headers) -> bytes:
        states = [(("Device", device), ("State", state)) for device, state in self.devices.items()]
        return self._list(request, "DeviceStateChange", "DeviceStateListComplete", states)

    def _list(self, request: Headers, name: str, last: str, items: list[tuple[tuple[str, str], ...]]) -> bytes:
        action = ("ActionID", request["ActionID"])
        end = event(last, action, ("EventList", "Complete"), ("ListItems", str(len(items))))
        begin = success(request, ("EventList", "start"), ("Message", "will follow"))
        return begin + b"".join(event(name, action, *item) for item in items) + end


LISTED = (
    ("Channel", "PJSIP/trunk-00000007"), ("ChannelState", "6"), ("CallerIDNum", "09121000104"), ("CallerIDName", ""),
    ("Exten", "5001"), ("Uniqueid", LINKEDID), ("Linkedid", LINKEDID), ("BridgeId", ""), ("Application", "Dial"),
    ("ApplicationData", ""),
)  # fmt: skip


class Heard(list[Event]):
    def of(self, *kinds: type) -> list[Event]:
        return [one for one in self if isinstance(one, kinds)]

    @property
    def records(self) -> list[CallRecord]:
        return [one.record for one in self if isinstance(one, CallEnded)]

    @property
    def links(self) -> list[bool]:
        return [one.up for one in self if isinstance(one, PbxLinkChanged)]


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    async with Pbx().running() as fake:
        assert isinstance(fake, Pbx)
        yield fake


@asynccontextmanager
async def listens(
    pbx: Pbx, *, behind: float = 0.0, wait: bool = True, **options
) -> AsyncIterator[tuple[PbxListener, Heard]]:
    heard = Heard()
    profile = Profile(read_profiles((FIXTURES / "profile.toml").read_text("utf-8"))["main"])
    url = PbxUrl.parse(pbx.url())
    listener = PbxListener(url, profile, heard.append, ThatDay(behind), limits=QUICK, **options)
    task = asyncio.create_task(listener.run())
    try:
        if wait:
            await until(lambda: listener.asked)
        yield listener, heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def resyncs(pbx: Pbx) -> int:
    return len(pbx.sent("CoreShowChannels"))


async def test_a_call_becomes_events_and_a_record(pbx: Pbx) -> None:
    async with listens(pbx) as (_, heard):
        pbx.session.send(STREAM)
        await until(lambda: heard.records)
    assert [one.call.record.linkedid for one in heard.of(CallStarted)] == [LINKEDID]
    (record,) = heard.records
    assert (record.outcome, record.hung_up_by, record.started_at) == (
        "answered",
        "caller",
        pytest.approx(BEGAN, abs=0.01),
    )
    assert record.talk_seconds == pytest.approx(6.007, abs=0.01)


async def test_after_connecting_the_pbx_is_asked_how_things_stand(pbx: Pbx) -> None:
    pbx.members = ["SIP/desk-9"]
    async with listens(pbx) as (listener, heard):
        assert heard.links == [False, True]
        await until(lambda: pbx.sent("ExtensionStateList"))
        assert [resyncs(pbx), len(pbx.sent("QueueStatus"))] == [1, 1]
        await until(
            lambda: "SIP/reception" in listener.profile.seen()["phone"] or listener.profile.extension("SIP/reception")
        )
        assert listener.profile.kind("SIP/desk-9") == "phone"  # a member of a queue is a phone of ours
        assert listener.profile.extension("SIP/reception") == "777"  # by its hint


async def test_a_call_that_is_up_when_we_come_is_seen(pbx: Pbx) -> None:
    pbx.up = [LISTED]
    async with listens(pbx) as (listener, heard):
        await until(lambda: heard.of(CallStarted))
        (call,) = listener.tracker.snapshot()
        assert call.record.linkedid == LINKEDID
        assert call.record.started_at == 1795311007.0  # from its id: the list has no times


async def test_a_call_that_ended_in_a_gap_is_lost_and_no_ghost_stays(pbx: Pbx) -> None:
    async with listens(pbx) as (listener, heard):
        pbx.session.send(UP_TO_THE_TALK)
        await until(listener.tracker.snapshot)
        pbx.session.cut()
        await until(lambda: not listener.asked)
        await until(lambda: listener.asked)
        await until(lambda: heard.records, 5)
        assert heard.links == [False, True, False, True]
        assert heard.records[0].outcome == "lost"
        assert listener.tracker.snapshot() == []


async def test_before_it_was_told_nothing_is_known_to_be_over(pbx: Pbx) -> None:
    pbx.replies["CoreShowChannels"] = lambda session, request: None
    async with listens(pbx, wait=False) as (listener, _):
        await until(lambda: resyncs(pbx))
        assert listener.connection.state.phase == "up"
        assert not listener.asked
        await until(lambda: listener.resyncs)  # gave up waiting for it
        assert not listener.asked
        del pbx.replies["CoreShowChannels"]
        listener.doubt("try again")
        await until(lambda: listener.asked)


async def test_a_login_that_may_not_ask_listens_all_the_same(pbx: Pbx) -> None:
    pbx.replies["CoreShowChannels"] = lambda session, request: error(request, "Permission denied")
    async with listens(pbx, wait=False) as (listener, heard):
        await until(lambda: listener.resyncs)
        pbx.session.send(STREAM)
        await until(lambda: heard.records)
        assert not listener.asked


async def test_doubts_are_settled_together_and_not_for_ever(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "RESYNC_PAUSE", 0.2)
    async with listens(pbx) as (listener, _):
        began = time.monotonic()
        while time.monotonic() - began < 0.9:
            listener.doubt("something odd")
            await asyncio.sleep(0.005)
        assert 3 <= resyncs(pbx) <= 7


async def test_it_asks_now_and_then_without_a_reason(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "RESYNC_PAUSE", 0.0)
    async with listens(pbx, resync_seconds=0.05):
        await until(lambda: resyncs(pbx) >= 3)


async def test_a_pbx_that_has_only_now_started_is_asked_again(pbx: Pbx) -> None:
    """AMI answers before all modules are loaded: there is no app_queue then to ask about queues."""
    pbx.replies["QueueStatus"] = lambda session, request: error(request, "Invalid/unknown command: QueueStatus.")
    async with listens(pbx) as (listener, _):
        assert (resyncs(pbx), listener.tracker.queues()) == (1, [])
        del pbx.replies["QueueStatus"]
        pbx.members = ["PJSIP/201"]
        pbx.session.send(event("FullyBooted", ("Uptime", "2"), ("Status", "Fully Booted")))
        await until(listener.tracker.queues)


async def test_a_value_with_a_line_break_is_doubted(pbx: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "RESYNC_PAUSE", 0.0)
    async with listens(pbx):
        pbx.session.send(b"Evil: x\r\nEvent: Hangup\r\n\r\n")
        await until(lambda: resyncs(pbx) == 2)


@pytest.mark.parametrize("ahead", [90.0, -90.0])
async def test_times_of_a_clock_that_is_off_are_set_right_from_the_first_event(pbx: Pbx, ahead: float) -> None:
    """The PBX stamps its events in its own time; ours is so far behind (or ahead)."""
    pbx.ahead = 0.0
    async with listens(pbx, behind=ahead, wait=False) as (listener, heard):
        await until(lambda: listener.connection.state.phase == "up")
        pbx.session.send(STREAM)
        await until(lambda: heard.records)
        assert listener.clock_offset == pytest.approx(ahead, abs=0.2)
        assert heard.records[0].started_at == pytest.approx(BEGAN - ahead, abs=0.2)
        assert heard.records[0].talk_seconds == pytest.approx(6.007, abs=0.01)


async def test_times_listed_by_a_clock_that_is_off_are_set_right_too(pbx: Pbx) -> None:
    pbx.up = [LISTED]
    async with listens(pbx, behind=90.0) as (listener, _):
        await until(listener.tracker.snapshot)
        assert listener.tracker.snapshot()[0].record.started_at == pytest.approx(1795311007.0 - 90.0, abs=0.5)


def test_a_clock_that_is_hardly_off_is_left_alone() -> None:
    assert [correction(x) for x in (None, 0.0, 1.9, -1.9, 2.0, -3.0)] == [0.0, 0.0, 0.0, 0.0, 2.0, -3.0]


async def test_every_byte_goes_to_the_journal_and_each_connection_begins_there(pbx: Pbx, tmp_path: Path) -> None:
    journal = JournalWriter(tmp_path, keep_digits=True)
    async with listens(pbx, journal=journal) as (listener, heard):
        pbx.session.send(UP_TO_THE_TALK)
        await until(listener.tracker.snapshot)
        pbx.session.cut()
        await until(lambda: not listener.asked)
        await until(lambda: listener.asked)
        pbx.session.send(AFTER_IT)
        await until(lambda: len(heard.links) == 4 and not listener.tracker.snapshot())
    journal.close()
    entries = list(JournalReader(tmp_path))
    assert sorted({entry.connection for entry in entries}) == [1, 2]
    first, second = (b"".join(e.data for e in entries if e.connection == number) for number in (1, 2))
    assert b"Event: Newchannel" in first
    assert b"Event: Hangup" not in first
    assert b"Event: Hangup" in second
    assert b"Event: CoreShowChannelsComplete" in second


async def test_a_listener_can_be_stopped_at_any_moment(pbx: Pbx) -> None:
    for moment in range(12):
        async with listens(pbx, wait=False):
            await asyncio.sleep(moment * 0.002)  # in mid-login, in mid-question, up
    assert pbx.sessions


async def test_what_the_pbx_has_is_read_and_kept_in_step(pbx: Pbx) -> None:
    pbx.rights.append("DeviceStateList")
    pbx.devices = {"PJSIP/201": "NOT_INUSE", "PJSIP/trunk": "INUSE", "Queue:sales": "INUSE"}
    async with listens(pbx) as (listener, heard):
        await until(lambda: heard.of(DirectoryRead))
        (read,) = heard.of(DirectoryRead)
        assert isinstance(read, DirectoryRead)
        assert {(e.name, e.kind, e.extension, e.reachable) for e in read.endpoints} == {
            ("PJSIP/201", "phone", "201", True),
            ("PJSIP/trunk", "trunk", None, True),
            ("SIP/reception", "phone", "777", None),
        }
        stamp = ("Timestamp", f"{BEGAN + 9:.6f}")
        pbx.session.send(event("DeviceStateChange", stamp, ("Device", "PJSIP/201"), ("State", "UNAVAILABLE")))
        await until(lambda: heard.of(EndpointChanged))
        (changed,) = heard.of(EndpointChanged)
        assert isinstance(changed, EndpointChanged)
        assert (changed.endpoint.name, changed.endpoint.reachable) == ("PJSIP/201", False)
        assert listener.translator.untimed == 0  # items of a list have no time, and need none


async def test_what_the_login_may_not_ask_is_not_asked(pbx: Pbx) -> None:
    async with listens(pbx) as (_, heard):
        await until(lambda: heard.of(DirectoryRead))
        (read,) = heard.of(DirectoryRead)
        assert isinstance(read, DirectoryRead)
        assert "registration" in read.silent and "addresses" in read.silent
    assert not pbx.sent("PJSIPShowEndpoints") and not pbx.sent("SIPpeers")
