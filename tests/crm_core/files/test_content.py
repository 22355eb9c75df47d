"""Contents lie under their hash; what was not finished is gone."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from crm_core.files.content import STALE_SECONDS, Contents
from cti.kernel.errors import InvalidError, UnavailableError


async def test_kept_whole_under_its_hash(tmp_path: Path) -> None:
    contents = Contents(tmp_path)
    upload = contents.incoming("u", 100)
    for part in (b"ab", b"c" * 10):
        await upload.write(part)
    await upload.place(path := contents.path(upload.digest))
    upload.close()
    assert path.read_bytes() == b"ab" + b"c" * 10
    assert path.name == hashlib.sha256(b"ab" + b"c" * 10).hexdigest()
    assert list((tmp_path / "incoming").iterdir()) == []
    contents.remove(path.name)
    contents.remove(path.name)
    assert not path.exists()


async def test_too_much_is_stopped_as_it_comes(tmp_path: Path) -> None:
    upload = Contents(tmp_path).incoming("u", 1_000_000)
    with pytest.raises(InvalidError, match="at most 1 MB"):
        for _ in range(20):
            await upload.write(b"x" * 100_000)
    assert upload.size == 1_100_000
    upload.close()
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    contents = Contents(tmp_path)
    left = contents.incoming("old", 10)
    os.utime(tmp_path / "incoming" / "old", (0, STALE_SECONDS))
    contents.incoming("new", 10).close()
    assert not (tmp_path / "incoming" / "old").exists()
    left.close()


async def test_a_folder_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be kept"):
        Contents(tmp_path / "files").incoming("u", 10)
