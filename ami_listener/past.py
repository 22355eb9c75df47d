"""Reading a journal from a moment on, also while it is still being written; and from when on it has to be read.

A ``Following`` gives entries in the order of arrival, one at a time, with a look at the next; at the end of what is
written it can be asked again later. ``rewind`` finds how far back one must begin to know how things stood at a moment:
before the oldest call that was up then, at a point where the PBX told how things stand.

Neighbours: ``journal`` writes, ``playback`` makes events of the entries.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import zstandard

from ami_listener.journal_file import Chunk, JournalDamaged, JournalEntry, chunks, entries, files_of, number_of, started

log = logging.getLogger(__name__)

LISTED = b"Event: QueueStatusComplete"
"""Ends the answer to the second of the questions with which the PBX is asked how things stand (``listener``)."""
LISTING_SECONDS = 40.0
"""The questions before it were asked at most this long ago (``Limits.listing``)."""
MARGIN_SECONDS = 10.0
"""Before the oldest call's start as the log has it: clocks differ, and its first events came before its row."""
LONGEST_SECONDS = 86_400.0
"""No further back than this, whatever hangs on a PBX for days."""
CHEAP_BYTES, CHEAP_SECONDS = 24 << 20, 12 * 3600.0
"""So much is read in a second or two, and so far back there is something to learn: since when a member is paused."""


class Following:
    """The entries of ``folder`` that arrived at ``since`` (epoch seconds) or later, give or take a chunk. What is
    damaged is passed over with the rest of its file and logged. ``gap``: something is missing before the next entry."""

    def __init__(self, folder: Path, since: float) -> None:
        self._folder, self._since = folder, since
        self._unpacker = zstandard.ZstdDecompressor()
        self._path: Path | None = None
        self._offset = 0
        self._waiting: Iterator[JournalEntry] = iter(())
        self._next: JournalEntry | None = None
        self.gap = False

    def peek(self) -> JournalEntry | None:
        """The next entry, which stays the next; None where nothing more is written yet."""
        while self._next is None:
            self._next = next(self._waiting, None)
            if self._next is None:
                found = self._chunk()
                if found is None:
                    return None
                self._waiting = iter(found)
        return self._next

    def take(self) -> JournalEntry:
        """The next entry, once ``peek`` has seen it."""
        assert self._next is not None
        taken, self._next, self.gap = self._next, None, False
        return taken

    def _chunk(self) -> list[JournalEntry] | None:
        """The entries of the next chunk; None at the end of what is written."""
        while (path := self._path or self._file_after(None)) is not None:
            self._path = path
            after = self._file_after(path)
            found = self._read(path, newest=after is None)
            if found is not None:
                return found
            if after is None:
                return None
            self.gap = self.gap or number_of(after) != number_of(path) + 1
            self._path, self._offset = after, 0
        return None

    def _read(self, path: Path, *, newest: bool) -> list[JournalEntry] | None:
        try:
            for found in chunks(path, newest=newest, offset=self._offset):
                self._offset = found.end
                if found.at >= self._since:
                    return [entry for entry in entries(found, self._unpacker, path) if not entry.torn]
        except JournalDamaged as error:
            log.warning("the rest of a journal file is damaged and not played: %s", error)
            self.gap = True
            with suppress(FileNotFoundError):
                self._offset = path.stat().st_size
        except FileNotFoundError:
            log.info("the journal file %s has had its time while it was read", path.name)
            self.gap = True
        return None

    def _file_after(self, path: Path | None) -> Path | None:
        files = files_of(self._folder)
        if path is not None:
            return next((one for one in files if one.name > path.name), None)
        before = [one for one in files if started(one) < self._since - 1.0]  # its name has whole seconds
        return before[-1] if before else next(iter(files), None)


def span(folder: Path) -> tuple[float, float] | None:
    """When the first and the last byte of a journal arrived (epoch seconds); None for an empty one."""
    files = files_of(folder)
    first = next((at for at in map(_first, files) if at is not None), None)
    if first is None:
        return None
    newest = files[-1]
    last = max((found.at for found in _sound(newest)), default=started(newest))
    return first, max(first, last)


def rewind(folder: Path, at: float, oldest: float | None = None) -> float:
    """From when on the journal has to be read to know how things stood at ``at``. ``oldest``: when the oldest call
    that was up then began, as far as is known. Further back than it must, as far as that costs little; where the PBX
    never told how things stand, a day; where it said nothing for longer, when it was heard last."""
    wanted = at if oldest is None else min(at, max(oldest, at - LONGEST_SECONDS) - MARGIN_SECONDS)
    read, heard = 0, at
    for path in reversed(files_of(folder)):
        if started(path) >= at:
            continue
        unpacker = zstandard.ZstdDecompressor()
        for found in reversed([one for one in _sound(path) if one.at - LISTING_SECONDS < at]):
            heard = found.at if read == 0 else heard
            read += found.raw
            enough = found.at < wanted and (read > CHEAP_BYTES or found.at < at - CHEAP_SECONDS)
            if enough and (listed := _listed(found, unpacker, path)) is not None:
                return listed - LISTING_SECONDS
        if started(path) < at - LONGEST_SECONDS:
            break
    first = span(folder)
    return min(heard, max(at - LONGEST_SECONDS, at if first is None else first[0])) - LISTING_SECONDS


def _listed(found: Chunk, unpacker: zstandard.ZstdDecompressor, path: Path) -> float | None:
    """When the last list of this chunk was complete."""
    try:
        held = [one.at for one in entries(found, unpacker, path) if LISTED in one.data]
    except JournalDamaged:
        return None
    return held[-1] if held else None


def _sound(path: Path) -> Iterator[Chunk]:
    """The chunks of a file up to where it is damaged."""
    try:
        yield from chunks(path, newest=True)
    except (JournalDamaged, FileNotFoundError):
        return


def _first(path: Path) -> float | None:
    unpacker = zstandard.ZstdDecompressor()
    for found in _sound(path):
        try:
            return next((one.at for one in entries(found, unpacker, path)), None)
        except JournalDamaged:
            return None
    return None
