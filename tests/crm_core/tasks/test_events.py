"""What tasks tell says whose it is."""

from __future__ import annotations

from crm_core.tasks.events import TaskChanged
from crm_core.tasks.model import Task


def test_news() -> None:
    one = Task("1", "t", "", "u", "U", None, None, None, None, 1.0, "x", "X")
    assert TaskChanged(one, "x", given=True).task.owner == "u"
