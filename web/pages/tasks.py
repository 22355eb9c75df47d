"""``/tasks``: what I am to do, by when; ``/tasks/of/{party}``: what is open with a contact.

One line makes a task: ``web.due_words`` reads when it is due. Neighbour: ``crm_core.tasks`` keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from msgspec import UNSET

from crm_core.tasks.due import BUCKETS, bucket
from crm_core.tasks.model import Task, TaskDraft, TaskFilter
from cti.kernel.errors import N_, InvalidError
from cti.kernel.paging import Page as Part
from web import due_words
from web.page import SERVICES, Form, Page, actor_of, formats, render
from web.sending import answered

PAGE_SIZE = 100
OF_PARTY = 20
USE = "tasks.use"

TITLES = {
    "overdue": N_("Overdue"),
    "today": N_("Today"),
    "later": N_("Later"),
    "someday": N_("Without a date"),
    "done": N_("Done"),
}
VIEWS = (("mine", N_("For me to do")), ("given", N_("Given by me")), ("all", N_("Everybody's")), ("done", N_("Done")))


async def _show(request: web.Request) -> web.StreamResponse:
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    view = request.query.get("view", "mine")
    team = request.query.get("team") or None
    whole = actor.may("tasks.view_all")
    view = view if view in dict(VIEWS) and (view != "all" or whole) else "mine"
    wanted = TaskFilter(
        owner=actor.id if view in ("mine", "done") else None,
        made_by=actor.id if view == "given" else None,
        team=team if view == "all" else None,
        open=view != "done",
    )
    part = await crm.tasks.page(actor, wanted, request.query.get("cursor") or None, PAGE_SIZE)
    return render(
        request,
        "tasks",
        "timeline/task_list.html" if request.query.get("part") == "list" else "tasks.html",
        fragment=None if request.query.get("part") == "list" else "_tasks.html",
        view=view,
        views=[(name, text) for name, text in VIEWS if name != "all" or whole],
        team=team,
        teams=await crm.teams.all(actor) if view == "all" else (),
        users=[user for user in await crm.users.directory(actor) if user.active],
        later=bool(request.query.get("cursor")),
        **await _listed(request, part),
    )


async def _of_party(request: web.Request) -> web.StreamResponse:
    crm, actor, party = request.app[SERVICES].crm, actor_of(request), request.match_info["party"]
    part = await crm.tasks.page(actor, TaskFilter(party=party), None, OF_PARTY)
    return render(request, "contacts", "tasks_of.html", party=party, **await _listed(request, part))


async def _listed(request: web.Request, part: Part[Task]) -> dict[str, Any]:
    """What a list of tasks needs to be shown."""
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    ids = [task.party for task in part.items if task.party]
    return {
        "groups": _groups(request, part.items),
        "titles": TITLES,
        "next": part.next,
        "parties": await crm.contacts.get_many(actor, ids) if actor.may("contacts.view") else {},
        "now": request.app[SERVICES].clock.now(),
    }


def _groups(request: web.Request, tasks: Sequence[Task]) -> list[tuple[str, list[Task]]]:
    now, zone = request.app[SERVICES].clock.now(), formats(request).zone
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(bucket(task, now, zone) if task.open else "done", []).append(task)
    return [(name, found[name]) for name in (*BUCKETS, "done") if name in found]


async def _create(request: web.Request) -> web.StreamResponse:
    form, services = await request.post(), request.app[SERVICES]
    line, _, more = str(form.get("title", form.get("text", ""))).strip().partition("\n")
    due = due_words.read(line, services.clock.now(), ZoneInfo(services.timezone))
    draft = TaskDraft(
        title=due.title,
        text=more,
        owner=str(form.get("owner", "")) or UNSET,
        party=str(form.get("party", "")) or None,
        call=str(form.get("call", "")) or None,
        due_at=due.at,
        due_day=due.day,
    )
    return await answered(request, services.crm.tasks.create(actor_of(request), draft))


async def _change(request: web.Request) -> web.StreamResponse:
    return await answered(request, _changed(request))


async def _changed(request: web.Request) -> Task:
    form, tasks = await request.post(), request.app[SERVICES].crm.tasks
    given: dict[str, Any] = {name: str(form[name]) for name in ("title", "text", "owner") if name in form}
    if "due" in form:
        due = _due(request, str(form["due"]))
        given |= {"due_at": due.at, "due_day": due.day}
    return await tasks.change(actor_of(request), request.match_info["id"], TaskDraft(**given))


def _due(request: web.Request, text: str) -> due_words.Due:
    """A day, a time of day or both, as it was typed, in either calendar; nothing: without a date."""
    services = request.app[SERVICES]
    if not text.strip():
        return due_words.Due("")
    due = due_words.read(f"{text.strip()} …", services.clock.now(), ZoneInfo(services.timezone))
    if due.at is None and due.day is None:
        raise InvalidError(N_("That is not a day; write for example 2026-11-22."), at="due")
    return due


async def _done(request: web.Request) -> web.StreamResponse:
    tasks = request.app[SERVICES].crm.tasks
    return await answered(request, tasks.done(actor_of(request), request.match_info["id"]))


async def _reopen(request: web.Request) -> web.StreamResponse:
    tasks = request.app[SERVICES].crm.tasks
    return await answered(request, tasks.done(actor_of(request), request.match_info["id"], False))


async def _delete(request: web.Request) -> web.StreamResponse:
    tasks = request.app[SERVICES].crm.tasks
    return await answered(request, tasks.delete(actor_of(request), request.match_info["id"]))


PAGE = Page(
    "/tasks",
    "tasks",
    _show,
    label=N_("Tasks"),
    icon="square-check",
    permission=USE,
    forms=(
        Form("/tasks", _create, USE),
        Form("/tasks/{id}", _change, USE),
        Form("/tasks/{id}/done", _done, USE),
        Form("/tasks/{id}/reopen", _reopen, USE),
        Form("/tasks/{id}/delete", _delete, USE),
    ),
)
OF = Page("/tasks/of/{party}", "contacts", _of_party, permission=USE)
