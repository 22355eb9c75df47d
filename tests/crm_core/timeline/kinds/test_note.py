"""A note's facts are small where it is plain."""

from __future__ import annotations

import msgspec

from crm_core.timeline.kinds.note import NoteFacts


def test_note() -> None:
    assert msgspec.json.encode(NoteFacts("a")) == b'{"text":"a"}'
