"""The encoding of a file is found without being told."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.exchange.encoding import checked, encoding_of
from cti.kernel.errors import InvalidError

TEXT = "نام,موبايل\r\nعلي رضايي,09121234567\r\nپرويز گرگاني,09121234568\r\n"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"), ("windows-1256", "windows-1256"),
    ],
)  # fmt: skip
def test_it_is_found(tmp_path: Path, written: str, found: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(TEXT.encode(written))
    assert encoding_of(path) == found
    assert path.read_bytes().decode(encoding_of(path)) == TEXT


def test_windows_1256_after_a_long_ascii_beginning(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"name,phone\r\n" * 10_000 + TEXT.encode("windows-1256"))
    assert encoding_of(path) == "windows-1256"


def test_utf8_with_a_broken_letter_stays_utf8(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes((TEXT * 30).encode() + b"\xd8\n")
    assert encoding_of(path) == "utf-8"


def test_latin_letters_are_no_arabic(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("name\nJosé Müller, à côté, naïve façade\n".encode("latin-1") * 20)
    assert encoding_of(path) != "windows-1256"


@pytest.mark.parametrize("name", ["no-such", "rot13", "base64", "../x", "é" * 10, "x" * 99])
def test_what_is_no_encoding_is_refused(name: str) -> None:
    with pytest.raises(InvalidError):
        checked(name)
