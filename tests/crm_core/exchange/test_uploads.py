"""Files as they come in."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm_core.exchange.rows import Limits
from crm_core.exchange.uploads import receive, shown_name
from cti.kernel.errors import InvalidError


async def parts(*data: bytes) -> AsyncIterator[bytes]:
    for part in data:
        yield part


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_written_and_counted(tmp_path: Path) -> None:
    got = await receive(tmp_path / "a" / "f", parts(b"ab", b"", b"c"), Limits())
    assert (got.size, got.digest) == (3, hashlib.sha256(b"abc").hexdigest())
    assert (tmp_path / "a" / "f").read_bytes() == b"abc"


async def test_too_much_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="larger"):
        await receive(tmp_path / "f", parts(b"x" * 9, b"x" * 9), Limits(file_bytes=10))
    assert left(tmp_path) == []


async def test_a_broken_line_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await receive(tmp_path / "f", broken(), Limits())
    assert left(tmp_path) == []


def test_names_are_shown_only() -> None:
    assert [shown_name(n) for n in ("../../x.csv", "a\\b\\..", "\r\n", "لیست.xlsx")] == [
        "x.csv",
        "file",
        "file",
        "لیست.xlsx",
    ]
