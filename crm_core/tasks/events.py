"""What tasks tell the bus, after the commit."""

from __future__ import annotations

import msgspec

from crm_core.tasks.model import Task


class TaskChanged(msgspec.Struct, frozen=True):
    """A task was made, changed, done, opened again or (``deleted``) taken away. ``by``: the id of who did it.
    ``given``: its owner has it since now, from somebody else."""

    task: Task
    by: str
    given: bool = False
    deleted: bool = False
