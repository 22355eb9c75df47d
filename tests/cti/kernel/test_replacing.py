from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cti.kernel.replacing import replace_file


def test_it_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace_file(path, b"one", 0o600)
    replace_file(path, b"two", 0o640)
    assert path.read_bytes() == b"two" and stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "nowhere" / "file", b"x", 0o600)
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        replace_file(tmp_path / "folder", b"x", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
