"""The supervised connection against a small AMI server. The numbers are of the defects of panoramisk 1.4
that each test keeps away: it fails when the stock class does that part of the work."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ami_listener.connection import PbxConnection
from ami_listener.encode import UnsafeValueError
from ami_listener.link import Limits, LinkState
from ami_listener.protocol import Message
from ami_listener.url import PbxUrl
from cti.control.port import PbxRefusedError, PbxRightError, PbxSilentError, PbxUnreachableError
from cti.kernel.clock import SystemClock
from tests.ami_listener.fake_ami import FakeAmi, Headers, Session, block, error, event, success, until

QUICK = Limits(
    connect=2, login=2, action=2, listing=2, ping_every=0.05, ping_answer=0.1, retry_first=0.01, retry_cap=0.05
)


class Seen:
    """What the callbacks were told, in order."""

    def __init__(self) -> None:
        self.order: list[LinkState | Message] = []
        self.bytes: list[tuple[bytes, float]] = []
        self.doubts: list[str] = []

    @property
    def states(self) -> list[LinkState]:
        return [item for item in self.order if isinstance(item, LinkState)]

    @property
    def events(self) -> list[Message]:
        return [item for item in self.order if isinstance(item, Message) and item.event]

    @property
    def faults(self) -> list[str]:
        return [state.fault for state in self.states if state.fault]

    def on_messages(self, messages: list[Message], at: float) -> None:
        self.order += messages

    def on_bytes(self, data: bytes, at: float) -> None:
        self.bytes.append((data, at))


@asynccontextmanager
async def connected(
    server: FakeAmi, *, wait: bool = True, url: str = "", **options
) -> AsyncIterator[tuple[PbxConnection, Seen]]:
    seen = Seen()
    callbacks = {
        "on_link": seen.order.append,
        "on_messages": seen.on_messages,
        "on_bytes": seen.on_bytes,
        "on_doubt": seen.doubts.append,
    }
    connection = PbxConnection(PbxUrl.parse(url or server.url()), **{"limits": QUICK, **callbacks, **options})
    task = asyncio.create_task(connection.run())
    try:
        if wait:
            await until(lambda: connection.state.phase == "up")
        yield connection, seen
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def server() -> AsyncIterator[FakeAmi]:
    async with FakeAmi().running() as fake:
        yield fake


# --- logging in


async def test_the_link_comes_up_by_challenge_and_the_secret_is_not_sent(server: FakeAmi) -> None:
    async with connected(server) as (connection, seen):
        (login,) = server.sent("Login")
        assert login["AuthType"] == "MD5"
        assert "Secret" not in login
        assert login["Events"] == "agent,call,dialplan,dtmf,system"
        state = connection.state
        assert (state.version, state.connection, state.pbx) == ("22.10.1", 1, "main")
        assert "QueueStatus" in state.permitted
        assert [state.phase for state in seen.states] == ["connecting", "up"]


async def test_where_the_challenge_is_unknown_the_secret_is_sent(server: FakeAmi) -> None:
    server.knows_challenge = False
    async with connected(server):
        (login,) = server.sent("Login")
        assert login["Secret"] == "s3cret"


async def test_a_wrong_secret_is_told_and_not_tried_again_quickly(
    server: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    """Defect 7: stock panoramisk tries for ever every two seconds and raises nothing: fail2ban bans us."""
    server.secret = "other"
    url = server.url().replace("other", "wrong-one")
    async with connected(server, wait=False, url=url) as (connection, seen):
        await until(lambda: connection.state.phase == "refused")
        assert connection.state.fault == "wrong_secret"
        assert connection.state.retry_in == 300
        assert "secret" in connection.state.reason
        assert "user tamas" in connection.state.reason
        assert len(server.sessions) == 1
        server.secret = "wrong-one"
        connection.retry_now()
        await until(lambda: connection.state.phase == "up")
    assert "wrong-one" not in caplog.text + repr(connection.url) + str(connection.url) + repr(seen.states)


async def test_no_permission_to_log_in_is_told(server: FakeAmi) -> None:
    server.replies["Login"] = lambda session, request: error(request, "Permission denied")
    async with connected(server, wait=False) as (connection, _):
        await until(lambda: connection.state.phase == "refused")
        assert connection.state.fault == "no_permission"


@pytest.mark.parametrize(
    ("said", "fault"), [("Login Already In Use", "busy"), ("Asterisk is shutting down", "refused")]
)
async def test_a_refusal_that_may_pass_is_tried_again(server: FakeAmi, said: str, fault: str) -> None:
    server.replies["Login"] = lambda session, request: error(request, said)
    async with connected(server, wait=False) as (connection, seen):
        await until(lambda: len(server.sessions) == 3)
        assert set(seen.faults) == {fault}
        del server.replies["Login"]
        await until(lambda: connection.state.phase == "up")


async def test_another_service_is_no_ami_port(server: FakeAmi) -> None:
    server.greeting = b"SSH-2.0-OpenSSH_9.2p1\r\n"
    async with connected(server, wait=False) as (_, seen):
        await until(lambda: seen.faults)
        assert seen.faults[0] == "not_ami"
        assert "SSH-2.0" in seen.states[1].reason


async def test_a_port_that_says_nothing_is_no_ami_port_either(server: FakeAmi) -> None:
    server.greeting = b""
    async with connected(server, wait=False, limits=Limits(login=0.05)) as (_, seen):
        await until(lambda: seen.faults)
        assert seen.faults[0] == "not_ami"


async def test_a_login_that_is_never_answered_times_out(server: FakeAmi) -> None:
    server.replies["Login"] = lambda session, request: None
    async with connected(server, wait=False, limits=Limits(login=0.05)) as (_, seen):
        await until(lambda: seen.faults)
        assert seen.faults[0] == "timeout"


async def test_nobody_listening_is_told_and_tried_again_with_growing_pauses() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"ami://a:b@127.0.0.1:{unused.getsockname()[1]}/"
        async with connected(FakeAmi(), wait=False, url=url) as (_, seen):
            await until(lambda: len(seen.faults) >= 6)
    delays = [state.retry_in for state in seen.states if state.retry_in]
    assert set(seen.faults) <= {"unreachable", "stopped"}
    assert all(delay <= QUICK.retry_cap for delay in delays)
    assert delays[0] <= 0.01 < max(delays)


async def test_a_host_that_never_answers_is_given_up_in_time() -> None:
    """Defect 7: stock panoramisk has no connect time-out. A full backlog behaves like a dead host."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect(deaf.getsockname())
            fillers.append(filler)
        url = f"ami://a:b@127.0.0.1:{deaf.getsockname()[1]}/"
        async with connected(FakeAmi(), wait=False, url=url, limits=Limits(connect=0.1)) as (_, seen):
            await until(lambda: seen.faults)
        assert seen.faults[0] == "timeout"
        for filler in fillers:
            filler.close()


# --- rights and filters


async def test_the_session_is_filtered_where_the_login_may(server: FakeAmi) -> None:
    async with connected(server) as (connection, _):
        added = server.sent("Filter")
        assert connection.state.filtered
        assert added[0]["MatchCriteria"] == "action(include),name(Newchannel)"
        assert any("name(VarSet)" in request.get("MatchCriteria", "") for request in added)


async def test_an_older_pbx_gets_regular_expressions(server: FakeAmi) -> None:
    server.version = "16.28.0~dfsg-0+deb11u4"
    async with connected(server) as (connection, _):
        assert connection.state.filtered
        assert all("MatchCriteria" not in request for request in server.sent("Filter"))
        assert server.sent("Filter")[0]["Filter"].startswith("^Event: (Newchannel|")


async def test_without_the_right_nothing_is_filtered_and_nothing_refused(server: FakeAmi) -> None:
    server.rights = ["Ping", "QueueStatus"]
    async with connected(server) as (connection, _):
        assert server.sent("Filter") == server.sent("CoreSettings") == []
        assert (connection.state.filtered, connection.state.version) == (False, "")
        assert connection.state.permitted == {"Ping", "QueueStatus"}


async def test_a_filter_that_is_not_taken_is_left_out_the_next_time(server: FakeAmi) -> None:
    server.replies["Filter"] = lambda session, request: error(request, "Filter did not compile")
    async with connected(server) as (connection, seen):
        assert seen.faults == ["filter"]
        assert not connection.state.filtered
        assert len(server.sessions) == 2


async def test_a_connection_that_only_acts_asks_for_no_events(server: FakeAmi) -> None:
    async with connected(server, classes=()):
        assert server.sent("Login")[0]["Events"] == "off"
        assert server.sent("Filter") == []


# --- reading


async def test_every_byte_and_every_message_arrives_in_order_with_its_time(server: FakeAmi) -> None:
    async with connected(server) as (connection, seen):
        for number in range(200):
            server.session.send(event("Newchannel", ("Uniqueid", str(number))))
        await until(lambda: len(seen.events) == 201)
        assert [message.headers.get("Uniqueid") for message in seen.events[1:]] == [str(n) for n in range(200)]
        received = b"".join(data for data, _ in seen.bytes)
        for message in seen.events:
            assert received[message.offset : message.end].startswith(f"Event: {message.event}".encode())
        assert connection.counts.bytes == len(received)
        assert all(before[1] <= after[1] for before, after in zip(seen.bytes, seen.bytes[1:], strict=False))


async def test_the_link_is_told_up_before_the_first_event_and_down_after_the_last(server: FakeAmi) -> None:
    def flood(session, request):
        # Events come at once after the login, in the same packet as its answer.
        return FakeAmi._login(server, session, request) + event("Newchannel", ("Uniqueid", "1"))

    server.replies["Login"] = flood
    async with connected(server) as (_, seen):
        await until(lambda: len(seen.events) == 2)
        server.session.send(event("Hangup", ("Uniqueid", "1")))
        server.session.writer.close()
        await until(lambda: "closed" in seen.faults)
    kinds = [item.phase if isinstance(item, LinkState) else item.event for item in seen.order]
    kinds = [kind for kind in kinds if kind]
    assert kinds[:6] == ["connecting", "up", "FullyBooted", "Newchannel", "Hangup", "down"]


async def test_persian_names_survive_any_cut(server: FakeAmi) -> None:
    """Defect 1: stock panoramisk decodes each read alone and drops the letters that were cut in two."""
    data = event("Newchannel", ("CallerIDName", "علی رضایی"))
    async with connected(server, limits=Limits()) as (connection, seen):
        await until(lambda: connection.pbx_clock.offset is not None)  # no answer to a ping in between
        for index in range(len(data)):
            server.session.send(data[index : index + 1])
            await server.session.writer.drain()
            await asyncio.sleep(0)
        await until(lambda: len(seen.events) == 2)
        assert seen.events[1].headers["CallerIDName"] == "علی رضایی"


async def test_a_listener_that_raises_neither_cuts_the_link_nor_loses_the_next_messages(
    server: FakeAmi, caplog: pytest.LogCaptureFixture
) -> None:
    """Defect 2: in stock panoramisk it ends the connection and drops the rest of the chunk."""
    seen: list[Message] = []

    def fragile(messages: list[Message], at: float) -> None:
        if any(message.headers.get("Uniqueid") == "bad" for message in messages):
            raise RuntimeError("listener broke")
        seen.extend(messages)

    async with connected(server, on_messages=fragile) as (connection, told):
        server.session.send(event("Newchannel", ("Uniqueid", "bad")))
        await until(lambda: connection.counts.callback_failures == 1)
        server.session.send(event("Newchannel", ("Uniqueid", "good")))
        await until(lambda: any(message.headers.get("Uniqueid") == "good" for message in seen))
        assert len(server.sessions) == 1
        assert told.doubts
    assert "listener broke" in caplog.text


async def test_a_stray_block_raises_doubt(server: FakeAmi) -> None:
    async with connected(server) as (connection, seen):
        server.session.send(b"ConnectedLineNum: 1\r\nUniqueid: 2\r\n\r\n")
        await until(lambda: seen.doubts)
        assert connection.counts.strays == 1
        assert connection.state.phase == "up"


async def test_a_block_without_end_breaks_the_link_not_the_memory(server: FakeAmi) -> None:
    """Defect 12: stock panoramisk keeps on gathering."""
    async with connected(server) as (_, seen):
        server.session.send(b"Event: X\r\nA: " + b"a" * (1 << 20) + b"\r\n" * 10)
        await until(lambda: "flooded" in seen.faults)
        await until(lambda: len(server.sessions) == 2)


async def test_a_slow_listener_stops_the_reading_not_the_loop(server: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 12: stock panoramisk has no bound on what it takes in."""
    monkeypatch.setattr("ami_listener.wire.HIGH_WATER", 64 << 10)
    monkeypatch.setattr("ami_listener.wire.LOW_WATER", 16 << 10)
    one = event("Newchannel", ("Uniqueid", "x" * 500))
    count = 20_000
    async with connected(server) as (connection, seen):
        deepest = 0
        for _ in range(count // 100):
            server.session.send(one * 100)
        while len(seen.events) < count + 1:
            deepest = max(deepest, connection.depth)
            await asyncio.sleep(0)
        assert connection.counts.pauses > 0
        assert connection.counts.depth_max < (64 << 10) + (512 << 10)
        assert deepest <= connection.counts.depth_max + (256 << 10)
        assert connection.state.phase == "up"


# --- noticing death


async def test_a_silent_dead_link_is_noticed(server: FakeAmi) -> None:
    """Defect 8: stock panoramisk never looks at the answers to its pings."""
    async with connected(server) as (connection, seen):
        loop = asyncio.get_running_loop()
        started = loop.time()
        server.session.mute = True
        await until(lambda: "silent" in seen.faults)
        assert loop.time() - started < 1
        await until(lambda: connection.state.phase == "up")
        assert connection.state.connection == 2


def test_the_default_times_notice_a_dead_link_within_ten_seconds() -> None:
    assert Limits().ping_every + Limits().ping_answer < 10
    assert Limits().retry_cap <= 10


async def test_a_link_that_still_sends_events_is_not_dead(server: FakeAmi) -> None:
    async with connected(server) as (connection, seen):
        server.session.mute = True
        for _ in range(40):
            server.session.send(event("Newstate"))
            await asyncio.sleep(0.01)
        assert connection.state.phase == "up"
        assert "silent" not in seen.faults


async def test_events_without_any_answer_for_long_are_a_dead_link_too(server: FakeAmi) -> None:
    limits = Limits(ping_every=0.02, ping_answer=0.02, stale=0.2)
    async with connected(server, limits=limits) as (_, seen):
        server.session.mute = True
        async with asyncio.timeout(5):
            while "silent" not in seen.faults:
                server.sessions[0].send(event("Newstate"))
                await asyncio.sleep(0.01)


async def test_keepalive_is_set_on_the_socket(server: FakeAmi) -> None:
    async with connected(server) as (connection, _):
        sock = connection._wire.transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 5


async def test_the_pbxs_clock_is_measured(server: FakeAmi) -> None:
    clock = SystemClock()
    server.replies["Ping"] = lambda session, request: success(
        request, ("Ping", "Pong"), ("Timestamp", f"{clock.now() + 90:.6f}")
    )
    async with connected(server) as (connection, _):
        await until(lambda: len(server.sent("Ping")) > 3)
        assert connection.pbx_clock.offset == pytest.approx(90, abs=0.05)
        assert 0 <= connection.pbx_clock.error < 0.05


# --- asking


async def test_an_action_gets_its_answer(server: FakeAmi) -> None:
    server.replies["Getvar"] = lambda session, request: success(request, ("Value", "::1: x"))
    async with connected(server) as (connection, _):
        response = await connection.action("Getvar", {"Variable": "A"})
        assert response.headers["Value"] == "::1: x"


async def test_originate_without_async_gets_its_answer(server: FakeAmi) -> None:
    """Defect 3: stock panoramisk raises KeyError inside the protocol, which ends the connection."""
    server.replies["Originate"] = lambda session, request: success(
        request, ("Message", "Originate successfully queued")
    )
    async with connected(server) as (connection, _):
        response = await connection.action("Originate", {"Channel": "PJSIP/201", "Exten": "1"})
        assert response.headers["Message"] == "Originate successfully queued"
        assert len(server.sessions) == 1


async def test_queue_add_is_answered_at_once(server: FakeAmi) -> None:
    """Defect 4: stock panoramisk takes this text for the start of a list and waits for ever."""
    server.replies["QueueAdd"] = lambda session, request: success(request, ("Message", "Added interface to queue"))
    async with connected(server) as (connection, _):
        await asyncio.wait_for(connection.action("QueueAdd", {"Queue": "q", "Interface": "PJSIP/201"}), 1)


async def test_a_list_gives_its_events_and_they_are_messages_too(server: FakeAmi) -> None:
    """Defect 17: stock panoramisk keeps them from the listeners."""

    def channels(session, request):
        action_id = ("ActionID", request["ActionID"])
        return (
            success(request, ("EventList", "start"))
            + event("CoreShowChannel", action_id, ("Uniqueid", "1"))
            + event("Newstate", ("Uniqueid", "9"))
            + event("CoreShowChannel", action_id, ("Uniqueid", "2"))
            + event("CoreShowChannelsComplete", action_id, ("EventList", "Complete"), ("ListItems", "2"))
        )

    server.replies["CoreShowChannels"] = channels
    async with connected(server) as (connection, seen):
        messages = await connection.listing("CoreShowChannels")
        assert [message.headers.get("Uniqueid") for message in messages] == ["1", "2", None]
        assert [message.event for message in seen.events[1:]] == [
            "CoreShowChannel", "Newstate", "CoreShowChannel", "CoreShowChannelsComplete",
        ]  # fmt: skip


async def test_a_list_that_is_refused_is_refused_at_once(server: FakeAmi) -> None:
    """Defect 4: with a list asked for, stock panoramisk waits for ever for the rest of an error."""
    server.replies["QueueStatus"] = lambda session, request: error(request, "No such queue")
    async with connected(server) as (connection, _):
        with pytest.raises(PbxRefusedError, match="No such queue"):
            await asyncio.wait_for(connection.listing("QueueStatus"), 1)


async def test_a_list_that_is_cancelled_ends(server: FakeAmi) -> None:
    def cancelled(session, request):
        end = event("BridgeListComplete", ("ActionID", request["ActionID"]), ("EventList", "Cancelled"))
        return success(request, ("EventList", "start")) + end

    server.replies["BridgeList"] = cancelled
    async with connected(server) as (connection, _):
        (end,) = await connection.listing("BridgeList")
        assert end.headers["EventList"] == "Cancelled"


async def test_a_right_that_is_missing_is_told_as_such(server: FakeAmi) -> None:
    server.replies["Hangup"] = lambda session, request: error(request, "Permission denied")
    async with connected(server) as (connection, _):
        with pytest.raises(PbxRightError, match="Hangup"):
            await connection.action("Hangup", {"Channel": "PJSIP/201-1"})


async def test_an_action_without_answer_times_out_and_is_forgotten(server: FakeAmi) -> None:
    """Defect 4: nothing times out in stock panoramisk, and what it waits for is kept for ever."""
    server.replies["Hangup"] = lambda session, request: None
    async with connected(server) as (connection, _):
        with pytest.raises(PbxSilentError, match="did not answer Hangup"):
            await connection.action("Hangup", {"Channel": "PJSIP/201-1"}, timeout=0.05)
        pings = {request["Action"] for request in connection._wire.responses.values()}
        assert pings <= {"Ping"}
        assert connection.counts.timeouts == 1


async def test_what_waits_when_the_link_breaks_fails_and_is_never_sent_again(server: FakeAmi) -> None:
    """Defect 5: stock panoramisk sends it again after the reconnect, a Command twice."""
    for action in ("Originate", "Command"):
        server.replies[action] = lambda session, request: session.cut()
    async with connected(server) as (connection, _):
        for number, action in enumerate(("Originate", "Command"), start=2):
            with pytest.raises(PbxSilentError):
                await connection.action(action, {"Command": "x", "Async": True})
            await until(lambda wanted=number: connection.state.phase == "up" and connection.state.connection == wanted)
        await connection.action("Ping")
        assert (len(server.sent("Originate")), len(server.sent("Command"))) == (1, 1)


@pytest.mark.parametrize("evil", ["a\r\nAction: Command\r\nCommand: core stop now", "a\nb", "a\rb", "a\0b"])
async def test_a_value_with_a_line_break_is_never_sent(server: FakeAmi, evil: str) -> None:
    """Defect 6: stock panoramisk sends it as it is, and the PBX runs the injected action."""
    async with connected(server) as (connection, _):
        with pytest.raises(UnsafeValueError):
            await connection.action("Setvar", {"Variable": "A", "Value": evil})
        with pytest.raises(UnsafeValueError):
            await connection.action("Setvar", {evil: "x"})
        assert server.sent("Setvar") == server.sent("Command") == []
        await connection.action("Ping")


async def test_asking_while_there_is_no_link_says_so() -> None:
    """Defect 9: stock panoramisk raises AttributeError."""
    connection = PbxConnection(PbxUrl.parse("ami://a:b@127.0.0.1:1"), on_link=lambda state: None)
    with pytest.raises(PbxUnreachableError, match="not tried yet"):
        await connection.action("Ping")


async def test_stopping_in_the_back_off_ends_all_trying(server: FakeAmi) -> None:
    """Defect 9: stock panoramisk connects again after close()."""
    async with connected(server, limits=Limits(retry_first=0.2)) as (_, seen):
        server.session.cut()
        await until(lambda: "closed" in seen.faults)
    await asyncio.sleep(0.3)
    assert len(server.sessions) == 1


async def test_stopping_fails_what_waits_and_tells_it(server: FakeAmi) -> None:
    """Defect 9: in stock panoramisk it never finishes."""
    server.replies["Hangup"] = lambda session, request: None
    async with connected(server) as (connection, seen):
        waiting = asyncio.create_task(connection.action("Hangup", {"Channel": "PJSIP/201-1"}))
        await until(lambda: server.sent("Hangup"))
    with pytest.raises(PbxSilentError):
        await asyncio.wait_for(waiting, 1)
    assert (seen.states[-1].phase, seen.states[-1].fault) == ("down", "stopped")


async def test_a_pbx_that_drops_us_after_each_login_is_not_hammered(server: FakeAmi) -> None:
    pinged: set[Session] = set()

    def cut_at_the_second_ping(session: Session, request: Headers) -> bytes | None:
        if session in pinged:
            return session.cut()
        pinged.add(session)
        return success(request, ("Ping", "Pong"))

    server.replies["Ping"] = cut_at_the_second_ping
    limits = Limits(retry_first=0.02, retry_cap=0.5, ping_every=0.01)
    async with connected(server, wait=False, limits=limits) as (_, seen):
        await until(lambda: len([state for state in seen.states if state.retry_in]) >= 4)
    delays = [state.retry_in for state in seen.states if state.retry_in]
    assert delays[3] > 2 * 0.02


async def test_shutdown_of_the_pbx_and_its_return(server: FakeAmi) -> None:
    async with connected(server) as (connection, seen):
        server.session.send(event("Shutdown", ("Shutdown", "Cleanly"), ("Restart", "True")))
        server.session.writer.close()
        await until(lambda: connection.state.phase == "up" and connection.state.connection == 2)
        assert "Shutdown" in [message.event for message in seen.events]
        assert seen.faults == ["closed"]


async def test_stopping_at_the_moment_in_which_the_link_breaks(server: FakeAmi) -> None:
    """Before Python 3.13 a task group forgets a cancellation that meets an error inside it."""
    server.greeting = b"SSH-2.0-OpenSSH_9.2\r\n"
    connection = PbxConnection(
        PbxUrl.parse(server.url()), on_link=lambda state: None, on_bytes=lambda data, at: task.cancel(), limits=QUICK
    )
    task = asyncio.create_task(connection.run())
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(asyncio.shield(task), 2)


# --- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    subject = ["-subj", "/CN=pbx.example", "-addext", "subjectAltName=DNS:pbx.example"]
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem -out cert.pem"
    subprocess.run(["openssl", *options.split(), *subject], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
async def tls_server(certificate: Path) -> AsyncIterator[FakeAmi]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    async with FakeAmi().running(context) as fake:
        yield fake


async def test_tls_checks_the_certificate_and_its_name(tls_server: FakeAmi, certificate: Path) -> None:
    """Defect 16: stock panoramisk cannot be told the name to expect."""
    url = tls_server.url(ca=str(certificate / "cert.pem"), server_name="pbx.example").replace("ami:", "amis:")
    async with connected(tls_server, url=url) as (connection, _):
        # Inside TLS the secret may go as it is: MD5 would only be weaker.
        assert tls_server.sent("Login")[0]["Secret"] == "s3cret"
        await connection.action("Ping")


@pytest.mark.parametrize("options", [{}, {"ca": "cert.pem"}, {"ca": "missing.pem"}])
async def test_an_unknown_or_misnamed_certificate_is_refused(
    tls_server: FakeAmi, certificate: Path, options: dict[str, str]
) -> None:
    options = {key: str(certificate / value) for key, value in options.items()}
    url = tls_server.url(**options).replace("ami:", "amis:")
    async with connected(tls_server, url=url, wait=False) as (_, seen):
        await until(lambda: seen.faults)
        assert seen.faults[0] == "tls"
    assert tls_server.requests == []


async def test_verification_can_be_turned_off(tls_server: FakeAmi) -> None:
    url = tls_server.url(verify="no").replace("ami:", "amis:")
    async with connected(tls_server, url=url) as (connection, _):
        assert connection.state.phase == "up"


async def test_tls_asked_of_a_plain_port_is_told(server: FakeAmi) -> None:
    async with connected(server, url=server.url(verify="no").replace("ami:", "amis:"), wait=False) as (_, seen):
        await until(lambda: seen.faults)
        assert seen.faults[0] == "tls"


# --- several


async def test_two_pbxs_at_once_are_kept_apart() -> None:
    async with (
        FakeAmi().running() as one,
        FakeAmi().running() as two,
        connected(one, url=one.url(name="one")) as (first, seen_one),
        connected(two, url=two.url(name="two")) as (second, seen_two),
    ):
        one.session.send(event("Newchannel", ("Uniqueid", "1.1")))
        two.session.send(event("Newchannel", ("Uniqueid", "1.1")) + block(("Event", "Hangup")))
        await until(lambda: len(seen_two.events) == 3 and len(seen_one.events) == 2)
        assert (first.state.pbx, second.state.pbx) == ("one", "two")
        two.session.cut()
        await until(lambda: second.state.connection == 2)
        assert first.state.connection == 1
