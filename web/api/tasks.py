"""``/api/v1/tasks``: what somebody is to do, by when, about whom."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from crm_core.tasks.model import Day, Task, TaskDraft, TaskFilter
from crm_core.tasks.service import LONGEST_TEXT, LONGEST_TITLE
from web.api.operation import Asked, Operation
from web.api.schema import as_json, page_of, ref

Id = Annotated[str, Meta(max_length=64)]
CallId = Annotated[str, Meta(max_length=290)]
Title = Annotated[str, Meta(min_length=1, max_length=LONGEST_TITLE)]
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Moment = Annotated[dt.datetime, Meta(tz=True)]


class TaskQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All narrow together. Open ones come first, by when they are due; then done ones, the newest first."""

    owner: Annotated[Id, Meta(description="Whose task it is")] | None = None
    made_by: Annotated[Id, Meta(description="Who gave it")] | None = None
    party: Annotated[Id, Meta(description="About this contact or company")] | None = None
    call: Annotated[CallId, Meta(description="About this call")] | None = None
    team: Annotated[Id, Meta(description="Tasks of a team's users; needs tasks.view_all")] | None = None
    open: Annotated[bool, Meta(description="Only those still to be done, or only done ones")] | None = None
    due_before: Moment | None = None
    due_from: Moment | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the page before")] | None = None

    def filter(self) -> TaskFilter:
        plain = {name: getattr(self, name) for name in ("owner", "made_by", "party", "call", "team", "open")}
        moments = {name: value and value.timestamp() for name in _MOMENTS for value in (getattr(self, name),)}
        return TaskFilter(**plain, **moments)


_MOMENTS = ("due_before", "due_from")


class TaskWriting(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """``owner``: one's own, if left out. ``due_at``, or ``due_day`` where there is no time of day."""

    title: Title
    text: Text = ""
    owner: Id | UnsetType = UNSET
    party: Id | None = None
    call: CallId | None = None
    due_at: Moment | UnsetType | None = UNSET
    due_day: Day | UnsetType | None = UNSET


class TaskChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays. ``due_at`` and ``due_day`` replace each other; null takes the date away."""

    title: Title | UnsetType = UNSET
    text: Text | UnsetType = UNSET
    owner: Id | UnsetType = UNSET
    party: Id | UnsetType | None = UNSET
    call: CallId | UnsetType | None = UNSET
    due_at: Moment | UnsetType | None = UNSET
    due_day: Day | UnsetType | None = UNSET


def _draft(body: TaskWriting | TaskChange) -> TaskDraft:
    given = msgspec.structs.asdict(body)
    if isinstance(given["due_at"], dt.datetime):
        given["due_at"] = given["due_at"].timestamp()
    return TaskDraft(**given)


async def _list(asked: Asked) -> dict[str, Any]:
    query: TaskQuery = asked.query
    page = await asked.services.crm.tasks.page(asked.actor, query.filter(), query.cursor, query.limit)
    return {"items": [as_json(task) for task in page.items], "next": page.next}


async def _create(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.tasks.create(asked.actor, _draft(asked.body(TaskWriting))))


async def _one(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.tasks.get(asked.actor, asked.place("id")))


async def _change(asked: Asked) -> dict[str, Any]:
    draft = _draft(asked.body(TaskChange))
    return as_json(await asked.services.crm.tasks.change(asked.actor, asked.place("id"), draft))


async def _done(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.tasks.done(asked.actor, asked.place("id")))


async def _reopen(asked: Asked) -> dict[str, Any]:
    return as_json(await asked.services.crm.tasks.done(asked.actor, asked.place("id"), False))


async def _delete(asked: Asked) -> None:
    await asked.services.crm.tasks.delete(asked.actor, asked.place("id"))


USE = "tasks.use"
PLACE = (("id", "The task's id"),)
TASKS: tuple[Operation, ...] = (
    Operation("GET", "/api/v1/tasks", "listTasks", "My tasks, and those that I gave; a contact's",
              page_of(ref(Task)), _list, query=TaskQuery, permission=USE),
    Operation("POST", "/api/v1/tasks", "createTask", "Make a task", ref(Task), _create,
              body=TaskWriting, permission=USE, problems=(400, 404), status=201),
    Operation("GET", "/api/v1/tasks/{id}", "getTask", "One task", ref(Task), _one,
              permission=USE, places=PLACE, problems=(400, 404)),
    Operation("PATCH", "/api/v1/tasks/{id}", "changeTask", "Change a task", ref(Task), _change,
              body=TaskChange, permission=USE, places=PLACE, problems=(400, 404)),
    Operation("POST", "/api/v1/tasks/{id}/done", "doTask", "It is done", ref(Task), _done,
              permission=USE, places=PLACE, problems=(400, 404)),
    Operation("POST", "/api/v1/tasks/{id}/reopen", "reopenTask", "It is to be done after all", ref(Task), _reopen,
              permission=USE, places=PLACE, problems=(400, 404)),
    Operation("DELETE", "/api/v1/tasks/{id}", "deleteTask", "Take a task away", None, _delete,
              permission=USE, places=PLACE, problems=(400, 404)),
)  # fmt: skip
