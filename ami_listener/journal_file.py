"""The form of a journal file: chunks of records, each with checksums, readable up to where a kill left it.

::

    file    a sequence of chunks; ``00000042-20261122T061500Z.journal``, ordered by the number in front
    chunk   header (magic, connection, arrival of the last record, sizes, CRC-32 of the frame), CRC-32 of
            the header, and a zstd frame of its own
    record  inside a frame: arrival (epoch seconds), flags, length, bytes

The header has a checksum of its own so that a damaged length is damage, and not taken for the torn
tail that a kill leaves. ``journal`` writes and reads; nobody else knows this form.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

MAGIC = b"TJ\x01"
_HEADER = struct.Struct(">3sxIdIII")
_CRC = struct.Struct(">I")
HEADER_SIZE = _HEADER.size + _CRC.size
_RECORD = struct.Struct(">dBI")
_TORN = 1
# The writer makes chunks far smaller: a file that says more is damaged, or made to exhaust memory.
CHUNK_LIMIT = 16 << 20
_NAME = re.compile(r"(\d{8,})-(\d{8}T\d{6}Z)\.journal").fullmatch
_STAMP = "%Y%m%dT%H%M%SZ"


class JournalDamaged(Exception):  # noqa: N818 - named by what happened
    """A file of the journal is not as it was written; ``offset`` is where its bad chunk begins."""

    def __init__(self, path: Path, offset: int, what: str) -> None:
        super().__init__(f"{what} ({path.name}, byte {offset})")
        self.path, self.offset = path, offset


class JournalEntry(msgspec.Struct, frozen=True, gc=False):
    """What arrived at ``at`` (epoch seconds) on this connection: whole AMI blocks, unless ``torn``."""

    at: float
    connection: int
    data: bytes
    torn: bool = False


class Chunk(msgspec.Struct, frozen=True, gc=False):
    """A chunk as it stands in the file: ``end`` is where the next one begins."""

    connection: int
    at: float
    raw: int
    frame: bytes
    offset: int
    end: int


def record(at: float, data: bytes, *, torn: bool = False) -> bytes:
    return _RECORD.pack(at, _TORN if torn else 0, len(data)) + data


def chunk(packer: zstandard.ZstdCompressor, connection: int, at: float, records: bytes) -> bytes:
    """Records as a chunk, ready to be appended to a file. ``at``: arrival of the last of them."""
    frame = packer.compress(records)
    header = _HEADER.pack(MAGIC, connection, at, len(records), len(frame), zlib.crc32(frame))
    return header + _CRC.pack(zlib.crc32(header)) + frame


def chunks(path: Path, *, newest: bool, offset: int = 0) -> Iterator[Chunk]:
    """The chunks of a file, checked, from the one that begins at ``offset``. A torn tail ends the ``newest`` file and
    is damage in any other."""
    with path.open("rb") as file:
        size = path.stat().st_size
        file.seek(offset)
        while offset < size:
            found = _chunk_at(file, path, offset, size)
            if found is None:
                if newest:
                    return
                raise JournalDamaged(path, offset, "the file ends inside a chunk")
            yield found
            offset = found.end


def entries(found: Chunk, unpacker: zstandard.ZstdDecompressor, path: Path) -> Iterator[JournalEntry]:
    """The records of a chunk."""
    try:
        # The frame's own idea of its size decides how much memory is taken.
        if zstandard.frame_content_size(found.frame) != found.raw:
            raise JournalDamaged(path, found.offset, "a chunk is not of the size that it says")
        raw = unpacker.decompress(found.frame)
        position = 0
        while position < len(raw):
            at, flags, length = _RECORD.unpack_from(raw, position)
            position += _RECORD.size
            data = raw[position : position + length]
            if len(data) != length:
                raise JournalDamaged(path, found.offset, "a record is longer than its chunk")
            yield JournalEntry(at, found.connection, data, bool(flags & _TORN))
            position += length
    except (zstandard.ZstdError, struct.error) as error:
        raise JournalDamaged(path, found.offset, f"a chunk cannot be unpacked: {error}") from error


def _chunk_at(file: BinaryIO, path: Path, offset: int, size: int) -> Chunk | None:
    """The chunk there; None for a torn tail: too short, or written by the disk as zeros or half."""
    head = file.read(HEADER_SIZE)
    if len(head) < HEADER_SIZE or (not any(head) and not any(file.read())):
        return None
    magic, connection, at, raw, packed, crc = _HEADER.unpack_from(head)
    if magic != MAGIC or _CRC.unpack_from(head, _HEADER.size)[0] != zlib.crc32(head[: _HEADER.size]):
        raise JournalDamaged(path, offset, "a chunk has a damaged header")
    if max(raw, packed) > CHUNK_LIMIT:
        raise JournalDamaged(path, offset, "a chunk is too large")
    frame = file.read(packed)
    end = offset + HEADER_SIZE + packed
    if len(frame) < packed:
        return None
    if zlib.crc32(frame) != crc:
        if end == size:
            return None
        raise JournalDamaged(path, offset, "a chunk has a wrong checksum")
    return Chunk(connection, at, raw, frame, offset, end)


# --- files of a folder


def name_of(number: int, now: float) -> str:
    return f"{number:08d}-{datetime.fromtimestamp(now, UTC).strftime(_STAMP)}.journal"


def number_of(path: Path) -> int:
    found = _NAME(path.name)
    return int(found[1]) if found else 0


def started(path: Path) -> float:
    """When the file was begun (epoch seconds), by its name."""
    found = _NAME(path.name)
    return datetime.strptime(found[2], _STAMP).replace(tzinfo=UTC).timestamp() if found else 0.0


def files_of(folder: Path) -> list[Path]:
    """The files of a journal, oldest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if _NAME(path.name)), key=number_of)


def is_journal(path: Path) -> bool:
    """Whether this is a journal: a folder of its files, or one file."""
    if path.is_dir():
        return bool(files_of(path))
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
