"""The classes that replace panoramisk's transport, each beside the stock class doing the same: the tests
named ``stock`` show what is kept away, and would tell if a new panoramisk no longer needed it."""

import asyncio
import logging
from typing import Any

import panoramisk
import pytest
from panoramisk.ami_protocol import AMIProtocol

from ami_listener.encode import UnsafeValueError
from ami_listener.link import LinkBrokenError
from ami_listener.protocol import AmiReader, Message
from ami_listener.url import PbxUrl
from ami_listener.wire import AmiManager, AmiWire, Request, connect
from cti.control.port import PbxSilentError, PbxUnreachableError
from cti.kernel.clock import ManualClock
from tests.ami_listener.fake_ami import FakeAmi, block, event, until


class Transport:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False
        self.reading = True

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> None:
        return None

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


def our_wire() -> tuple[AmiManager, AmiWire]:
    manager, wire = AmiManager(encoding="utf8"), AmiWire(ManualClock(now=100.0))
    wire.connection_made(Transport())  # type: ignore[arg-type]
    manager.attach(wire)
    return manager, wire


def stock_wire() -> tuple[Any, Any]:
    manager, wire = panoramisk.Manager(loop=asyncio.get_running_loop()), AMIProtocol()
    wire.connection_made(Transport())
    wire.factory, wire.config, wire.encoding, manager.protocol = manager, manager.config, "utf8", wire
    return manager, wire


def answer(wire: AmiWire, data: bytes) -> None:
    for message in AmiReader(expect_greeting=False).feed(data):
        wire.match(message, 1.0)


# --- what stock panoramisk does, and ours does not


async def test_stock_drops_a_letter_cut_in_two() -> None:
    """Defect 1; ours: test_connection, test_persian_names_survive_any_cut."""
    manager, wire = stock_wire()
    names: list[str] = []
    manager.register_event("Newchannel", lambda _, message: names.append(message.calleridname))
    data = event("Newchannel", ("CallerIDName", "علی"))
    cut = data.index("ع".encode()) + 1
    wire.data_received(data[:cut])
    wire.data_received(data[cut:])
    assert names == ["لی"]


async def test_stock_loses_the_rest_after_a_raising_callback() -> None:
    """Defect 2; ours: test_connection, test_a_listener_that_raises_…"""
    manager, wire = stock_wire()
    seen: list[str] = []

    def fragile(_: object, message: Any) -> None:
        seen.append(message.uniqueid)
        raise RuntimeError

    manager.register_event("*", fragile)
    with pytest.raises(RuntimeError):
        wire.data_received(event("X", ("Uniqueid", "1")) + event("X", ("Uniqueid", "2")))
    assert seen == ["1"]


async def test_stock_breaks_on_originate_without_async() -> None:
    """Defect 3."""
    manager, wire = stock_wire()
    manager.send_action({"Action": "Originate", "ActionID": "1"})
    with pytest.raises(KeyError):
        wire.data_received(
            block(("Response", "Success"), ("ActionID", "1"), ("Message", "Originate successfully queued"))
        )


async def test_ours_takes_originate_without_async() -> None:
    manager, wire = our_wire()
    request = Request({"Action": "Originate"}, "single")
    future = manager.send_action(request)
    answer(wire, block(("Response", "Success"), ("ActionID", request.id), ("Message", "Originate successfully queued")))
    assert [one.ours.headers["Response"] for one in await future] == ["Success"]


async def test_stock_never_answers_queue_add_nor_a_refused_list() -> None:
    """Defect 4."""
    manager, wire = stock_wire()
    added = manager.send_action({"Action": "QueueAdd", "ActionID": "1"})
    refused = manager.send_action({"Action": "QueueStatus", "ActionID": "2"}, as_list=True)
    wire.data_received(block(("Response", "Success"), ("ActionID", "1"), ("Message", "Added interface to queue")))
    wire.data_received(block(("Response", "Error"), ("ActionID", "2"), ("Message", "No such queue")))
    assert not added.done()
    assert not refused.done()


@pytest.mark.parametrize(
    ("kind", "said"), [("single", ("Success", "Added interface to queue")), ("list", ("Error", "No such queue"))]
)
async def test_ours_answers_both(kind: Any, said: tuple[str, str]) -> None:
    manager, wire = our_wire()
    request = Request({"Action": "QueueAdd"}, kind)
    future = manager.send_action(request)
    answer(wire, block(("Response", said[0]), ("ActionID", request.id), ("Message", said[1])))
    assert len(await future) == 1
    assert wire.responses == {}


async def test_stock_keeps_pending_actions_to_send_them_again() -> None:
    """Defect 5: what waits is queued for the next connection, a Command twice."""
    manager, wire = stock_wire()
    manager.send_action({"Action": "Originate", "Async": "true"})
    manager.send_action({"Action": "Command", "Command": "core show channels"})
    wire.close()
    assert [action["action"] for action in manager.awaiting_actions] == ["Originate", "Command", "Command"]


async def test_ours_fails_them_and_keeps_nothing() -> None:
    manager, wire = our_wire()
    futures = [manager.send_action(Request({"Action": name}, "single")) for name in ("Originate", "Command")]
    wire.close()
    for future in futures:
        with pytest.raises(PbxSilentError):
            await future
    assert not manager.awaiting_actions
    assert wire.responses == {}
    with pytest.raises(PbxUnreachableError):
        manager.send_action(Request({"Action": "Ping"}, "single"))


async def test_stock_sends_an_injected_action() -> None:
    """Defect 6."""
    manager, wire = stock_wire()
    manager.send_action({"Action": "Setvar", "Value": "x\r\n\r\nAction: Command\r\nCommand: core stop now"})
    assert b"\r\n\r\nAction: Command\r\nCommand: core stop now" in wire.transport.written[0]


async def test_ours_refuses_it_before_anything_is_sent() -> None:
    manager, wire = our_wire()
    with pytest.raises(UnsafeValueError):
        manager.send_action(Request({"Action": "Setvar", "Value": "x\r\nAction: Command"}, "single"))
    assert wire.transport.written == []  # type: ignore[attr-defined]
    assert wire.responses == {}


async def test_stock_does_not_look_at_the_answer_to_its_ping() -> None:
    """Defect 8: every ping leaves one more entry behind, and nothing happens."""
    manager, wire = stock_wire()
    for _ in range(3):
        manager.ping()
        manager.pinger.cancel()
    assert len(wire.responses) == 3


async def test_stock_tries_to_connect_after_close() -> None:
    """Defect 9; ours: test_connection, test_stopping_in_the_back_off_ends_all_trying."""
    manager = panoramisk.Manager(loop=asyncio.get_running_loop(), reconnect_timeout=0, port=1)
    tries: list[object] = []
    manager.connect = lambda: tries.append(1)
    manager.connection_lost(None)
    manager.close()
    await until(lambda: tries)


async def test_stock_sending_before_connecting_is_an_attribute_error() -> None:
    """Defect 9."""
    with pytest.raises(AttributeError):
        panoramisk.Manager().send_action({"Action": "Ping"})


async def test_stock_dispatches_through_every_pattern_and_ours_through_none() -> None:
    """Defects 10 and 11: our messages go to one listener, in order, as lists; no pattern, no task per event."""
    manager, _ = stock_wire()
    for pattern in ("New*", "Newch*", "*"):
        manager.register_event(pattern, lambda _, message: None)
    message = panoramisk.message.Message({"Event": "Newchannel"})
    assert manager.dispatch(message) == ["New*", "Newch*", "*"]
    ours, wire = our_wire()
    ours.register_event("*", lambda _, message: pytest.fail("nothing is dispatched by pattern"))
    answer(wire, event("Newchannel", ("ActionID", "nobody's")))


async def test_stock_gathers_a_block_without_end() -> None:
    """Defect 12."""
    _, wire = stock_wire()
    logging.getLogger("panoramisk").setLevel(logging.WARNING)
    for _ in range(40):
        wire.data_received(b"a" * 50_000)
    assert sum(len(text) for text in wire.queue) == 2_000_000


# --- the inbox


async def test_chunks_come_out_in_order_with_their_times() -> None:
    _, wire = our_wire()
    wire.data_received(b"one")
    wire.clock.advance(1)
    wire.data_received(b"two")
    first, second = await wire.chunk(), await wire.chunk()
    assert first is not None
    assert second is not None
    assert [(first.data, first.at), (second.data, second.at)] == [(b"one", 100.0), (b"two", 101.0)]
    assert (wire.depth, wire.received) == (0, 6)


async def test_what_came_before_the_end_is_still_read() -> None:
    _, wire = our_wire()
    wire.data_received(b"last words")
    wire.connection_lost(None)
    chunk = await wire.chunk()
    assert chunk is not None
    assert chunk.data == b"last words"
    assert await wire.chunk() is None


async def test_reading_pauses_at_high_water_and_goes_on_at_low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ami_listener.wire.HIGH_WATER", 100)
    monkeypatch.setattr("ami_listener.wire.LOW_WATER", 50)
    _, wire = our_wire()
    transport: Any = wire.transport
    for _ in range(3):
        wire.data_received(b"x" * 40)
    assert (transport.reading, wire.paused, wire.pauses) == (False, True, 1)
    await wire.chunk()
    assert not transport.reading
    wire.clock.advance(30)
    await wire.chunk()
    assert (transport.reading, wire.paused) == (True, False)
    # Time in which we did not listen does not count as silence.
    assert wire.received_at == wire.clock.monotonic()


async def test_single_bytes_pause_the_reading_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ami_listener.wire.HIGH_CHUNKS", 10)
    _, wire = our_wire()
    for _ in range(11):
        wire.data_received(b"x")
    assert wire.paused
    for _ in range(6):
        await wire.chunk()
    assert not wire.paused


async def test_answers_of_a_list_are_gathered_to_its_end() -> None:
    manager, wire = our_wire()
    request = Request({"Action": "CoreShowChannels"}, "list")
    future = manager.send_action(request)
    action_id = ("ActionID", request.id)
    answer(
        wire, block(("Response", "Success"), action_id, ("EventList", "start")) + event("CoreShowChannel", action_id)
    )
    assert not future.done()
    answer(wire, event("CoreShowChannelsComplete", action_id))  # as before Asterisk 13, without EventList
    assert [one.ours.event for one in await future] == ["", "CoreShowChannel", "CoreShowChannelsComplete"]


async def test_a_forgotten_action_is_no_longer_answered() -> None:
    manager, wire = our_wire()
    request = Request({"Action": "Ping"}, "single")
    future = manager.send_action(request)
    wire.forget(request)
    wire.match(Message("", {"Response": "Success", "ActionID": request.id}, 0, 0), 1.0)
    assert not future.done()


async def test_connecting_is_not_the_managers_business() -> None:
    with pytest.raises(NotImplementedError):
        AmiManager().connect()


async def test_connect_says_what_is_wrong() -> None:
    async with FakeAmi().running() as server:
        wire = await connect(PbxUrl.parse(server.url()), ManualClock(), 2)
        wire.close()
        port = server.port
    with pytest.raises(LinkBrokenError, match=f"cannot connect to 127.0.0.1 port {port}") as caught:
        await connect(PbxUrl.parse(f"ami://a:b@127.0.0.1:{port}"), ManualClock(), 2)
    assert caught.value.fault == "unreachable"
