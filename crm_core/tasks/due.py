"""When a task is due: read from what was written, and named by what is left. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

from crm_core.tasks.model import LATEST, Task
from cti.kernel.errors import N_, InvalidError

Bucket = Literal["overdue", "today", "later", "someday"]
BUCKETS: tuple[Bucket, ...] = ("overdue", "today", "later", "someday")


def end_of_day(day: str, zone: ZoneInfo) -> float:
    """Epoch seconds of the first moment after a day (``YYYY-MM-DD``) at the site. InvalidError if it is none."""
    try:
        after = dt.date.fromisoformat(day) + dt.timedelta(days=1)
        moment = dt.datetime.combine(after, dt.time(), zone).timestamp()
    except (ValueError, OverflowError) as error:
        raise InvalidError(N_("That is not a day; write for example 2026-11-22."), at="due_day") from error
    return checked_moment(moment)


def checked_moment(at: float) -> float:
    """A moment that a task may be due at. InvalidError for one out of this millennium."""
    if not 0.0 <= at <= LATEST:
        raise InvalidError(N_("That date is out of range."), at="due_at")
    return at


def bucket(task: Task, now: float, zone: ZoneInfo) -> Bucket:
    """Where an open task stands in a list of what is to be done."""
    if task.due_at is None:
        return "someday"
    if task.due_at <= now:
        return "overdue"
    today = dt.datetime.fromtimestamp(now, zone).date()
    return "today" if task.due_at <= end_of_day(today.isoformat(), zone) else "later"
