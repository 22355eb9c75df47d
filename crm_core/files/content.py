"""The contents of files, each once, under the hash of its bytes: ``files/ab/abcdef…``.

An upload is written to ``files/incoming`` while it comes in, and moved to its place once it is whole: what is in place
was synced and is what its name says. Neighbour: ``service`` decides what is kept and what goes.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path

from crm_core.files.sniff import HEAD_BYTES
from cti.kernel.errors import N_, InvalidError, UnavailableError

STALE_SECONDS = 86_400.0
"""An upload that has not been finished for so long died with its process."""


class Upload:
    """One file that is coming in. ``write`` its bytes, then give it to ``Files.add``; ``close`` it in any case."""

    def __init__(self, path: Path, limit: int) -> None:
        self._path, self._limit = path, limit
        self._file = path.open("xb")
        self._hash = hashlib.sha256()
        self.size = 0
        self.head = b""

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    async def write(self, part: bytes) -> None:
        """Add these bytes. InvalidError as soon as it is too large; nothing is kept then."""
        self.size += len(part)
        if self.size > self._limit:
            raise InvalidError(N_("A file may have at most %(most)s MB."), most=self._limit // 1_000_000, at="file")
        if len(self.head) < HEAD_BYTES:
            self.head += part[: HEAD_BYTES - len(self.head)]
        self._hash.update(part)
        try:
            await asyncio.to_thread(self._file.write, part)
        except OSError as error:
            raise UnavailableError(f"the file cannot be kept: {error.strerror}") from error

    async def place(self, path: Path) -> None:
        """Move it to where it stays."""
        try:
            await asyncio.to_thread(self._place, path)
        except OSError as error:
            raise UnavailableError(f"the file cannot be kept: {error.strerror}") from error

    def _place(self, path: Path) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path.replace(path)

    def close(self) -> None:
        """Let go of it; what was not placed is gone."""
        with suppress(OSError):
            self._file.close()
        self._path.unlink(missing_ok=True)


class Contents:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, digest: str) -> Path:
        """Where the content with this hash lies, if it is there."""
        return self._folder / digest[:2] / digest

    def incoming(self, name: str, limit: int) -> Upload:
        """A new upload. Raises UnavailableError if nothing can be written."""
        folder = self._folder / "incoming"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._sweep(folder)
            return Upload(folder / name, limit)
        except OSError as error:
            raise UnavailableError(f"the file cannot be kept: {error.strerror}") from error

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)

    def _sweep(self, folder: Path) -> None:
        """Take away what killed processes left behind."""
        oldest = time.time() - STALE_SECONDS
        for left in folder.iterdir():
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < oldest:
                    left.unlink()
