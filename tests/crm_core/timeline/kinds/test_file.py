"""A file's facts are small where it is there."""

from __future__ import annotations

import msgspec

from crm_core.timeline.kinds.file import FileFacts


def test_file() -> None:
    assert msgspec.json.encode(FileFacts("a", 1, "b")) == b'{"name":"a","size":1,"media":"b"}'
