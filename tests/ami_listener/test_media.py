"""The sound that PBXs send: only what is expected is let in, once, and it comes in order until either side leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from ami_listener import media
from ami_listener.media import MOST_WAITING, MediaServer, SocketEar, can_send, started
from cti.kernel.errors import ConfigurationError
from tests.live import until

ID = "tamas-1.123456789"
FRAME = bytes(range(160))


def start_of(uniqueid: str, format: str = "ulaw") -> str:
    return (
        f"MEDIA_START connection_id:c1 channel:WebSocket/tamas/0x7f00 channel_id:{uniqueid} format:{format} "
        "optimal_frame_size:160 ptime:20"
    )


@pytest.fixture
async def server() -> AsyncIterator[MediaServer]:
    made = MediaServer()
    await made.start("127.0.0.1", 0)
    yield made
    await made.close()


@asynccontextmanager
async def pbx(server: MediaServer, path: str = "/media") -> AsyncIterator[ClientConnection]:
    host, port = server.address
    async with connect(f"ws://{host}:{port}{path}", subprotocols=[Subprotocol("media")]) as connection:
        yield connection


async def refused(server: MediaServer, first: str | bytes, path: str = "/media") -> int | None:
    async with pbx(server, path) as connection:
        with pytest.raises(ConnectionClosed):
            await connection.send(first)
            await asyncio.wait_for(connection.recv(), 5)
        return connection.close_code


async def test_sound_that_is_expected_comes_in_order_until_the_pbx_leaves(server: MediaServer) -> None:
    ear = server.expect(ID)
    async with pbx(server) as connection:
        assert connection.subprotocol == "media"
        await connection.send(start_of(ID))
        for number in range(3):
            await connection.send(bytes([number]) * 160)
        await connection.send("STATUS channel_id:x")
        await until(lambda: len(ear._frames) == 3)
    assert [frame[0] async for frame in ear.frames()] == [0, 1, 2]


async def test_closing_lets_the_pbx_hang_up(server: MediaServer) -> None:
    ear = server.expect(ID)
    async with pbx(server) as connection:
        await connection.send(start_of(ID))
        await connection.send(FRAME)
        async for frame in ear.frames():
            assert frame == FRAME
            await ear.close()
        await asyncio.wait_for(connection.wait_closed(), 5)


@pytest.mark.parametrize(
    "first", [start_of("tamas-1.1"), start_of(ID, "slin16"), "MEDIA_START", "HELLO channel_id:" + ID, FRAME, ""]
)
async def test_who_is_not_expected_is_sent_away(server: MediaServer, first: str | bytes) -> None:
    server.expect(ID)
    assert await refused(server, first) == media.NOT_EXPECTED


async def test_an_id_opens_once_at_one_place_alone_and_not_when_it_is_over(server: MediaServer) -> None:
    ear = server.expect(ID)
    assert await refused(server, start_of(ID), "/elsewhere") == media.NOT_EXPECTED
    async with pbx(server) as connection:
        await connection.send(start_of(ID))
        await connection.send(FRAME)
        await until(lambda: ear._frames)
        assert await refused(server, start_of(ID)) == media.NOT_EXPECTED
    other = server.expect("tamas-2.2")
    await other.close()
    assert await refused(server, start_of("tamas-2.2")) == media.NOT_EXPECTED


async def test_who_says_nothing_is_sent_away(server: MediaServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "BEGIN_SECONDS", 0.05)
    async with pbx(server) as connection:
        await asyncio.wait_for(connection.wait_closed(), 5)
        assert connection.close_code == media.NOT_EXPECTED


async def test_who_does_not_keep_up_loses_the_oldest() -> None:
    ear = SocketEar()
    for number in range(MOST_WAITING + 10):
        ear.put(bytes([number]))
    ear.end()
    kept = [frame[0] async for frame in ear.frames()]
    assert kept == list(range(10, MOST_WAITING + 10))


async def test_a_stop_ends_what_is_heard() -> None:
    server = MediaServer()
    await server.start("127.0.0.1", 0)
    ear = server.expect(ID)
    await server.close()
    assert [frame async for frame in ear.frames()] == []


async def test_an_address_that_is_taken_is_said(server: MediaServer) -> None:
    with pytest.raises(ConfigurationError, match="CTI_MEDIA"):
        await MediaServer().start(*server.address)


def test_the_first_frame() -> None:
    told = started(start_of(ID))
    assert (told["channel_id"], told["format"], told["channel"]) == (ID, "ulaw", "WebSocket/tamas/0x7f00")
    assert started("MEDIA_XOFF") == {} == started(b"MEDIA_START channel_id:x")


@pytest.mark.parametrize(
    ("version", "can"),
    [
        ("16.28.0", False),
        ("18.26.4", False),
        ("20.15.2", False),
        ("20.16.0", True),
        ("21.11.0", True),
        ("22.5.2", False),
        ("22.10.1~dfsg", True),
        ("23.0.0", True),
        ("certified-20.7-cert6", None),
        ("GIT-master", None),
        ("", None),
    ],
)
def test_which_asterisk_can_send_sound(version: str, can: bool | None) -> None:
    assert can_send(version) is can
