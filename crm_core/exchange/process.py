"""Starts the reading process and gives its frames, as many as are asked for: it waits when nobody takes them.

Neighbours: ``worker`` is the process, ``frames`` what it says.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from crm_core.exchange.frames import LENGTH, Batch, Failed, Frame, Looked, Order, decode_frame, encode
from cti.kernel.errors import N_, InvalidError

_ROOT = Path(__file__).parents[2]
BEAT_SECONDS = 5.0

Beat = Callable[[], Awaitable[None]]


@asynccontextmanager
async def reading(order: Order, beat: Beat | None = None) -> AsyncIterator[AsyncIterator[Frame]]:
    """The frames of an order. ``beat`` is called while none comes for a while. Ends the process on leaving.

    The frames raise ``InvalidError`` for a file that cannot be read (further), with the sentence for it.
    """
    paths = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "crm_core.exchange.worker", stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}, start_new_session=True,
    )  # fmt: skip
    try:
        assert child.stdin is not None and child.stdout is not None
        data = encode(order)
        child.stdin.write(len(data).to_bytes(LENGTH, "big") + data)
        child.stdin.close()
        yield _frames(child.stdout, beat)
    finally:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def look(order: Order) -> Looked:
    """What a file is. Raises ``InvalidError`` if it cannot be read."""
    async with reading(order) as frames:
        async for frame in frames:
            assert isinstance(frame, Looked)
            return frame
    raise _died()


async def _frames(stream: asyncio.StreamReader, beat: Beat | None) -> AsyncIterator[Frame]:
    """One frame ahead: the next is taken in while this one is worked on."""
    waiting = asyncio.ensure_future(_one(stream))
    try:
        while True:
            frame = await _arrived(waiting, beat)
            if isinstance(frame, Failed):
                raise InvalidError(frame.text, **frame.values)
            if isinstance(frame, Batch):
                waiting = asyncio.ensure_future(_one(stream))
            yield frame
    finally:
        waiting.cancel()


async def _arrived(waiting: asyncio.Future[Frame], beat: Beat | None) -> Frame:
    while not (await asyncio.wait({waiting}, timeout=BEAT_SECONDS))[0]:
        if beat is not None:
            await beat()
    return waiting.result()


async def _one(stream: asyncio.StreamReader) -> Frame:
    try:
        length = int.from_bytes(await stream.readexactly(LENGTH), "big")
        data = await stream.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise _died() from error
    frame: Frame = decode_frame(data)
    return frame


def _died() -> InvalidError:
    return InvalidError(N_("The file could not be read to its end: it takes too much memory. Import it in parts."))
