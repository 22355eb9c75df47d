"""What the timeline tells is plain and comparable."""

from __future__ import annotations

from crm_core.timeline.events import TimelineChanged


def test_equal_news_are_equal() -> None:
    assert TimelineChanged(("a",), (), (), 1.0) == TimelineChanged(("a",), (), (), 1.0)
