"""Files as they come in: written in pieces, counted while they come, kept under a name of ours.

What a file is called where it comes from is only shown, never used: no path of it touches the disk.

Neighbours: ``service`` receives by it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from crm_core.exchange.reading import too_large
from crm_core.exchange.rows import Limits

LONGEST_NAME = 120
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Received(msgspec.Struct, frozen=True):
    size: int
    digest: str


async def receive(path: Path, pieces: AsyncIterator[bytes], limits: Limits) -> Received:
    """Write the pieces to ``path``. InvalidError as soon as they are too many; nothing is then left behind."""
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    file = await asyncio.to_thread(path.open, "xb")
    try:
        async for piece in pieces:
            size += len(piece)
            if size > limits.file_bytes:
                raise too_large(limits)
            digest.update(piece)
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)
        await asyncio.to_thread(os.fsync, file.fileno())
    except BaseException:
        await asyncio.to_thread(path.unlink, True)
        raise
    finally:
        file.close()
    return Received(size, digest.hexdigest())


def shown_name(name: str) -> str:
    """The file's name as it is shown: its last part, one line, not endless."""
    last = re.split(r"[\\/]", _UNSEEN.sub("", name))[-1].strip(" .")
    return last[-LONGEST_NAME:] or "file"
