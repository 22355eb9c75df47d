"""A backup's file is whole or refused."""

from __future__ import annotations

import io
import random
import stat
import tarfile
from pathlib import Path

import pytest
import zstandard

from cti.kernel.archive import ArchiveWriter, DamagedError, check, members

NOISE = random.Random(5).randbytes(300_000)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.write_bytes(NOISE)
    with ArchiveWriter(tmp_path / "a.tar.zst") as archive:
        archive.add("tables/a/1", b"[1]\n")
        archive.add_file("files/x", source)
        archive.finish({"format": 1})
    return tmp_path / "a.tar.zst"


def test_there_and_back(path: Path) -> None:
    assert check(path).about == {"format": 1}
    assert {name: content.read(1 << 20) for name, content in members(path) if name != "manifest.json"} == {
        "tables/a/1": b"[1]\n",
        "files/x": NOISE,
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not list(path.parent.glob("*.part"))


@pytest.mark.parametrize("at", [0, 1000, 150_000, 299_000, -40, -1])
def test_a_changed_byte_is_found(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(DamagedError):
        check(path)


@pytest.mark.parametrize("length", [0, 1, 100, 100_000, -1, -30])
def test_a_file_that_breaks_off_is_refused(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedError):
        check(path)


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    for data in (b"hello", zstandard.compress(b"hello"), zstandard.compress(b"\0" * 10_000)):
        (tmp_path / "x").write_bytes(data)
        with pytest.raises(DamagedError):
            check(tmp_path / "x")
    with pytest.raises(DamagedError, match="cannot be read"):
        check(tmp_path / "none")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_nothing_but_plain_files_is_read(tmp_path: Path, kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("files/x")
        info.type, info.linkname = kind, "/etc/passwd"
        tar.addfile(info)
    (tmp_path / "x").write_bytes(zstandard.compress(out.getvalue()))
    with pytest.raises(DamagedError):
        check(tmp_path / "x")


def test_parts_are_those_of_the_manifest(path: Path, tmp_path: Path) -> None:
    """A part more, a part twice, or one after the manifest."""
    plain = zstandard.ZstdDecompressor().stream_reader(path.open("rb")).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        entries = [(info, tar.extractfile(info).read()) for info in tar]  # type: ignore[union-attr]
    extra = (tarfile.TarInfo("files/extra"), b"")
    for arranged in ([extra, *entries], [entries[0], *entries], [*entries, extra], entries[1:]):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for info, data in arranged:
                tar.addfile(info, io.BytesIO(data))
        (tmp_path / "x").write_bytes(zstandard.compress(out.getvalue()))
        with pytest.raises(DamagedError):
            check(tmp_path / "x")


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), ArchiveWriter(tmp_path / "a") as archive:
        archive.add("x", b"x")
        archive.add_file("y", tmp_path / "none")
    assert list(tmp_path.iterdir()) == []
