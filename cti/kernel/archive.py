"""A backup as one file: a tar of parts, compressed with Zstandard, closed by a manifest that has each part's checksum.

The manifest stands last, so a file that breaks off anywhere has none and is refused. Parts are small enough to be held
in memory, but for those that are files of their own. Neighbour: ``cti.app.backup`` says what is in it.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Protocol, cast

import msgspec
import zstandard

from cti.kernel.errors import InvalidError

MANIFEST = "manifest.json"
LARGEST_PART = 256 * 1024 * 1024
"""Bytes of one part that is read at once; ours are far smaller."""
_CHUNK = 1024 * 1024


class Part(msgspec.Struct, frozen=True):
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``about``: what the writer wants to know when it reads. ``parts``: each member of the archive by its name."""

    about: dict[str, Any]
    parts: dict[str, Part]


class DamagedError(InvalidError):
    """The file is no backup of ours, or no longer whole."""


class ArchiveWriter:
    """``with ArchiveWriter(path) as archive``: written beside, put in place when whole; a failure leaves nothing."""

    def __init__(self, path: Path, level: int = 6) -> None:
        self._path, self._beside = path, path.with_name(path.name + ".part")
        self._level = level
        self._parts: dict[str, Part] = {}

    def __enter__(self) -> ArchiveWriter:
        self._beside.unlink(missing_ok=True)
        handle = os.open(self._beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # it holds everything
        self._file = os.fdopen(handle, "wb")
        compressor = zstandard.ZstdCompressor(level=self._level, write_checksum=True, threads=-1)
        self._stream = compressor.stream_writer(self._file, closefd=False)
        self._tar = tarfile.open(fileobj=self._stream, mode="w|")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if not self._file.closed:
            self._file.close()
        self._beside.unlink(missing_ok=True)

    def add(self, name: str, data: bytes) -> None:
        self._parts[name] = Part(len(data), hashlib.sha256(data).hexdigest())
        self._put(name, len(data), io.BytesIO(data))

    def add_file(self, name: str, path: Path) -> None:
        """A file as it is now. FileNotFoundError if it has gone."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            counted = _Counted(file, size)
            self._put(name, size, counted)
        self._parts[name] = Part(size, counted.sha256())

    def finish(self, about: dict[str, Any]) -> None:
        """Close it with its manifest, and put it in its place."""
        data = msgspec.json.encode(Manifest(about=about, parts=self._parts))
        self._put(MANIFEST, len(data), io.BytesIO(data))
        self._tar.close()
        self._stream.close()  # type: ignore[no-untyped-call]
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._beside.rename(self._path)

    def _put(self, name: str, size: int, data: Any) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self._tar.addfile(info, data)


class _Counted:
    """A file that is hashed while it is read; what was added to it meanwhile is left out."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left, self._hash = file, size, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(data)
        self._hash.update(data)
        return data

    def sha256(self) -> str:
        return self._hash.hexdigest()


class Content(Protocol):
    """A part that is being read."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, empty at its end. DamagedError."""


class _Unpacked:
    """The tar within the file; unlike the library's own reader it notices where the file breaks off."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._unpack = file, zstandard.ZstdDecompressor().decompressobj()
        self._ready = b""

    def read(self, size: int) -> bytes:
        while len(self._ready) < size and not self._unpack.eof:
            packed = self._file.read(_CHUNK)
            if not packed:
                raise EOFError("it breaks off before its end")
            self._ready += self._unpack.decompress(packed)
        data, self._ready = self._ready[:size], self._ready[size:]
        return data


class _Checked:
    """A part whose faults are told as ours."""

    def __init__(self, path: Path, content: IO[bytes]) -> None:
        self._path, self._content = path, content

    def read(self, size: int, /) -> bytes:
        with _told(self._path):
            return self._content.read(size)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise DamagedError(f"{path} is damaged, or no backup: {error}") from error
    except OSError as error:
        raise DamagedError(f"{path} cannot be read: {error.strerror or error}") from error


def members(path: Path) -> Iterator[tuple[str, Content]]:
    """Each part of an archive in its order: name and content, to be read before the next. DamagedError."""
    with _told(path), path.open("rb") as file:
        stream = _Unpacked(file)
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as tar:
            for info in tar:
                content = tar.extractfile(info) if info.isreg() else None
                if content is None:
                    raise DamagedError(f"{path}: {info.name!r} in it is no plain file")
                yield info.name, _Checked(path, content)
        while stream.read(_CHUNK):  # to the last byte: what follows the tar is its checksum
            continue


def whole(content: Content) -> bytes:
    """A part at once. DamagedError if it is larger than any of ours."""
    data = content.read(LARGEST_PART + 1)
    if len(data) > LARGEST_PART:
        raise DamagedError("a part of the backup is larger than any that is made")
    return data


def check(path: Path) -> Manifest:
    """Read all of it; its manifest. DamagedError unless every part is there and is what it was."""
    found: dict[str, Part] = {}
    manifest: Manifest | None = None
    for name, content in members(path):
        if manifest is not None or name in found:
            raise DamagedError(f"{path} is damaged: {name!r} does not belong there")
        if name == MANIFEST:
            manifest = _manifest(path, whole(content))
        else:
            found[name] = _measure(content)
    if manifest is None:
        raise DamagedError(f"{path} is damaged: it breaks off before its end")
    wrong = [name for name in {**found, **manifest.parts} if found.get(name) != manifest.parts.get(name)]
    if wrong:
        raise DamagedError(f"{path} is damaged: {sorted(wrong)[0]} is not what it was")
    return manifest


def _manifest(path: Path, data: bytes) -> Manifest:
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise DamagedError(f"{path} is damaged: its manifest cannot be read") from error


def _measure(content: Content) -> Part:
    hashed, size = hashlib.sha256(), 0
    while data := content.read(_CHUNK):
        hashed.update(data)
        size += len(data)
    return Part(size, hashed.hexdigest())
