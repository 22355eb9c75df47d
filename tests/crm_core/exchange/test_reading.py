"""A file is what it holds, whatever it is called."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from crm_core.exchange.reading import format_of, open_table
from crm_core.exchange.rows import Choices, Limits
from cti.kernel.errors import InvalidError
from tests.crm_core.exchange.files import dirty_xlsx


def test_formats(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("name,phone\n")
    (tmp_path / "b").write_bytes("begin:vcard\nFN:x\n".encode("utf-16"))
    found = [format_of(tmp_path / "a"), format_of(tmp_path / "b"), format_of(dirty_xlsx(tmp_path / "c"))]
    assert found == ["csv", "vcard", "xlsx"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"), (b"%PDF-1.7", "no table"), (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old Excel"),
        (b"\x89PNG\r\n", "no table"), (b"PK\x03\x04 torn", "damaged"), (b"x" * 3000, "larger than 0 MB"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_with_what_to_do(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "f").write_bytes(data)
    with pytest.raises(InvalidError, match=said):
        open_table(tmp_path / "f", Choices(), Limits(file_bytes=2000))


def test_open_document(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "f", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(InvalidError, match="OpenDocument"):
        format_of(tmp_path / "f")
