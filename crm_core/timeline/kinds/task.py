"""A task that was given, and that it was done. ``crm_core.tasks`` tells both, each as an entry."""

from __future__ import annotations

from typing import Literal

import msgspec

from crm_core.timeline.kinds.kind import Kind
from cti.kernel.errors import N_
from cti.live.masking import mask_in


class TaskFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """``event``: which of the two this entry is. ``by``: who did that. ``owner``: whose task it is. ``due_at``: epoch
    seconds; ``due_day`` ``YYYY-MM-DD`` where there is no time of day. ``open``: whether it still is to be done."""

    task: str
    event: Literal["made", "done"]
    title: str
    by: str = ""
    owner: str = ""
    due_at: float | None = None
    due_day: str | None = None
    open: bool = True


def _masked(facts: TaskFacts) -> TaskFacts:
    return msgspec.structs.replace(facts, title=mask_in(facts.title))


KIND = Kind("task", N_("Tasks"), "square-check", TaskFacts, _masked)
