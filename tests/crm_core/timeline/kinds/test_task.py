"""A task's facts are small where it is open and nobody's."""

from __future__ import annotations

import msgspec

from crm_core.timeline.kinds.task import TaskFacts


def test_task() -> None:
    assert msgspec.json.encode(TaskFacts("a", "made", "b")) == b'{"task":"a","event":"made","title":"b"}'
