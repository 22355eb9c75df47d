"""One listener hears one channel after the other, as one sound."""

from __future__ import annotations

import asyncio

from ami_listener.media import SocketEar
from cti.control.ears import Followed
from tests.live import until


async def test_what_comes_from_the_next_channel_follows_what_came_from_the_first() -> None:
    first, second = SocketEar(), SocketEar()
    followed, heard = Followed(first), list[bytes]()

    async def listen() -> None:
        async for frame in followed.frames():
            heard.append(frame)

    listening = asyncio.create_task(listen())
    first.put(b"1")
    await until(lambda: heard == [b"1"])
    first.end()
    assert followed.turn(second) is first
    second.put(b"2")
    await until(lambda: heard == [b"1", b"2"])
    await followed.close()
    await asyncio.wait_for(listening, 5)
    assert second.over


async def test_it_ends_while_nothing_is_heard() -> None:
    ear = SocketEar()
    followed = Followed(ear)
    listening = asyncio.create_task(anext(followed.frames(), None))
    ear.end()
    await asyncio.sleep(0)
    await followed.close()
    assert await asyncio.wait_for(listening, 5) is None
    assert [frame async for frame in followed.frames()] == []
