"""A task is its row, but for what it is ordered by."""

from __future__ import annotations

import msgspec

from crm_core.tasks.model import Task, task


def test_a_task_has_the_columns_of_its_table() -> None:
    fields = [field.name for field in msgspec.structs.fields(Task)]
    assert [*fields, "due_sort", "open"] == list(task.columns.keys())


def test_overdue_is_what_is_open_and_past() -> None:
    one = Task("1", "t", "", "u", "U", None, None, 100.0, None, 1.0, "u", "U")
    assert not one.overdue(99.0)
    assert one.overdue(100.0)
    assert not msgspec.structs.replace(one, done_at=90.0).overdue(200.0)
    assert not msgspec.structs.replace(one, due_at=None).overdue(200.0)
