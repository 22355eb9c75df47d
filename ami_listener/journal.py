"""Every byte that a PBX sent, kept: to rebuild what was known after a kill, and to be replayed elsewhere.

A journal is a folder of files (their form: ``journal_file``) that hold whole AMI blocks, with their
arrival times, redacted (``redact``); reading can begin at any file. What is promised:

- written to the operating system after half a second or 64 KiB, whichever comes first: that much is
  lost when the process is killed. Synced to disk every five seconds: that much when the machine is;
- killed at any byte, what was written before is good. The torn tail is not read, and is cut off
  when the journal is next opened for writing; anything else that does not add up is damage;
- each connection has a number, one higher than any before it in this journal, also after a restart;
- old files go after so many days and beyond so many bytes, oldest first, never the current one;
- an error of the disk never stops the listener: what could not be written is counted (``lost``).

Neighbours: ``listener`` writes, ``rebuild`` and ``cti replay`` read.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

from ami_listener.journal_file import (
    JournalDamaged,
    JournalEntry,
    chunk,
    chunks,
    entries,
    files_of,
    is_journal,
    name_of,
    number_of,
    record,
    started,
)
from ami_listener.redact import Redactor
from cti.kernel.clock import Clock, SystemClock

__all__ = ["JournalDamaged", "JournalEntry", "JournalReader", "JournalWriter", "files_of", "is_journal"]

log = logging.getLogger(__name__)

CHUNK_BYTES = 64 << 10
FILE_BYTES = 64 << 20
FLUSH_SECONDS = 0.5
SYNC_SECONDS = 5.0
EXPIRE_SECONDS = 3600.0
LEVEL = 3


class JournalReader:
    """Iterate over the entries of a journal: of a folder, or of one of its files, in the order of arrival.

    ``since`` (epoch seconds) passes over what arrived earlier, roughly: some of it may still come.
    ``torn`` gives the remains of blocks that never ended, too. Raises ``JournalDamaged`` where it is reached; with
    ``on_damage`` that is told of it instead, and reading goes on with the next file.
    """

    def __init__(
        self,
        path: Path,
        *,
        since: float = 0.0,
        torn: bool = False,
        on_damage: Callable[[JournalDamaged], None] | None = None,
    ) -> None:
        self._files = files_of(path) if path.suffix != ".journal" and not path.is_file() else [path]
        self._since, self._torn, self._on_damage = since, torn, on_damage

    def __iter__(self) -> Iterator[JournalEntry]:
        for path in self._wanted():
            try:
                yield from self._read(path)
            except JournalDamaged as error:
                if self._on_damage is None:
                    raise
                self._on_damage(error)

    def _read(self, path: Path) -> Iterator[JournalEntry]:
        unpacker = zstandard.ZstdDecompressor()
        for found in chunks(path, newest=path == self._files[-1]):
            if found.at < self._since:
                continue
            for entry in entries(found, unpacker, path):
                if self._torn or not entry.torn:
                    yield entry

    def _wanted(self) -> list[Path]:
        # The last file begun before that moment still holds it.
        first = max((index for index, path in enumerate(self._files) if started(path) < self._since), default=0)
        return self._files[first:]


class JournalWriter:
    """Writes into ``folder``. One per folder; all calls from one thread."""

    def __init__(
        self,
        folder: Path,
        *,
        keep_digits: bool = False,
        days: float = 30.0,
        megabytes: float = 4096.0,
        file_bytes: int = FILE_BYTES,
        clock: Clock | None = None,
    ) -> None:
        self.folder = folder
        self.lost = self.written = 0
        self.error = ""
        self._keep_digits, self._days, self._bytes, self._file_bytes = keep_digits, days, megabytes * 1e6, file_bytes
        self._clock = clock or SystemClock()
        self._packer = zstandard.ZstdCompressor(level=LEVEL)
        self._redactor = Redactor(keep_digits=keep_digits)
        self._records: list[bytes] = []
        self._waiting = 0
        self._last_at = 0.0
        self._descriptor = -1
        self._good = 0
        self._timer: asyncio.TimerHandle | None = None
        self._synced = self._clock.monotonic()
        self._expired = self._clock.now()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._number, self._connection = _resume(folder)

    @property
    def connection(self) -> int:
        """The number of the current connection; before the first ``begin``, of the last one ever."""
        return self._connection

    def begin(self, at: float) -> None:
        """A new connection begins. The remains of a block of the old one are kept as torn."""
        self._take(self._redactor.finish(), at, torn=True)
        self.flush()
        self._connection += 1

    def write(self, data: bytes, at: float) -> None:
        """Keep these bytes, received at ``at``. Never raises; what the disk does not take is counted."""
        self._take(self._redactor.feed(data), at)
        if self._waiting >= CHUNK_BYTES:
            self.flush()
        elif self._records and self._timer is None:
            self._schedule()

    def flush(self) -> None:
        """Hand everything to the operating system now, but the block that has not ended yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._records:
            return
        records, size = b"".join(self._records), self._waiting
        self._records, self._waiting = [], 0
        try:
            self._append(chunk(self._packer, self._connection, self._last_at, records))
        except OSError as error:
            self._failed(size, error)
        else:
            self.written += size
            self.error = ""

    def close(self) -> None:
        """Write what is left, sync and close."""
        self._take(self._redactor.finish(), self._last_at, torn=True)
        self.flush()
        self._close_file()

    def _take(self, data: bytes, at: float, *, torn: bool = False) -> None:
        if data:
            self._records.append(record(at, data, torn=torn))
            self._waiting += len(data)
            self._last_at = at

    def _schedule(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # without an event loop nobody would flush later
            self.flush()
            return
        self._timer = loop.call_later(FLUSH_SECONDS, self.flush)

    def _append(self, data: bytes) -> None:
        if self._descriptor < 0:
            self._open_file()
        if os.write(self._descriptor, data) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._good += len(data)
        if self._good >= self._file_bytes:
            self._close_file()
        else:
            self._sync_sometimes()
        if self._clock.now() - self._expired >= EXPIRE_SECONDS:
            self._expire()

    def _failed(self, size: int, error: OSError) -> None:
        self.lost += size
        if not self.error:
            log.error("the journal %s cannot be written: %s", self.folder, error)
        self.error = error.strerror or str(error)
        if self._descriptor >= 0:
            # Half a chunk may be in the file; even on a full disk a file can be cut.
            os.ftruncate(self._descriptor, self._good)

    def _open_file(self) -> None:
        path = self.folder / name_of(self._number + 1, self._clock.now())
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._number += 1
        self._good = 0
        self._expire()

    def _close_file(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            _sync_and_close(descriptor)

    def _sync_sometimes(self) -> None:
        if self._clock.monotonic() - self._synced < SYNC_SECONDS:
            return
        self._synced = self._clock.monotonic()
        descriptor = os.dup(self._descriptor)  # the file may be closed before the sync begins
        try:
            # A disk may take long over it, and the loop carries the calls.
            asyncio.get_running_loop().run_in_executor(None, _sync_and_close, descriptor)
        except RuntimeError:
            _sync_and_close(descriptor)

    def _expire(self) -> None:
        """Remove what is too old or too much, oldest first."""
        self._expired = self._clock.now()
        oldest = self._expired - self._days * 86400
        files = [(path, path.stat()) for path in files_of(self.folder)]
        total = sum(stat.st_size for _, stat in files)
        for path, stat in files[:-1]:
            if stat.st_mtime >= oldest and total <= self._bytes:
                break
            log.info("the journal file %s has had its time", path.name)
            path.unlink(missing_ok=True)
            total -= stat.st_size


def _sync_and_close(descriptor: int) -> None:
    try:
        os.fsync(descriptor)
    except OSError as error:
        log.error("the journal could not be synced to disk: %s", error)
    finally:
        os.close(descriptor)


def _resume(folder: Path) -> tuple[int, int]:
    """Cut off a torn tail; the numbers of the last file and of the last connection of this journal."""
    files = files_of(folder)
    for path in reversed(files):
        good = connection = 0
        try:
            for found in chunks(path, newest=True):
                good, connection = found.end, found.connection
        except JournalDamaged as error:
            # Left as it is: writing goes on in a new file, and whoever reads this one is told.
            log.error("the journal is damaged: %s", error)
            good = path.stat().st_size
        if good < path.stat().st_size:
            log.warning("the journal file %s ends in a torn chunk: cut at byte %d", path.name, good)
            os.truncate(path, good)
        if connection:
            return number_of(files[-1]), connection
    return (number_of(files[-1]) if files else 0), 0
