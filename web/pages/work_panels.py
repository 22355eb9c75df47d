"""What stands at the side of a call on the desktop: each module that has something of the caller adds a ``Panel``.

A panel renders HTML, or nothing, and then there is no box. Neighbour: ``pages.work`` shows them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from markupsafe import Markup

from crm_core.contacts.model import Party
from crm_core.tasks.model import TaskFilter
from cti.live.record import CallRecord
from web.i18n import N_, translations
from web.page import SERVICES, actor_of, language_of, rendered

Renders = Callable[[web.Request, CallRecord, Party | None], Awaitable[Markup | None]]
MOST_TASKS = 5


@dataclass(frozen=True)
class Panel:
    """``title``: English and the key of its translation; ``permission``: who sees it."""

    name: str
    title: str
    permission: str
    render: Renders


@dataclass(frozen=True)
class Shown:
    name: str
    title: str
    html: Markup


async def _tasks(request: web.Request, _call: CallRecord, party: Party | None) -> Markup | None:
    """What is open with the caller."""
    if party is None:
        return None
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    tasks = (await crm.tasks.page(actor, TaskFilter(party=party.id), None, MOST_TASKS)).items
    if not tasks:
        return None
    return Markup(  # made by a template, which escapes
        rendered(request, "work", "_work_tasks.html", tasks=tasks, party=party, now=request.app[SERVICES].clock.now())
    )


PANELS: tuple[Panel, ...] = (Panel("tasks", N_("Open tasks"), "tasks.use", _tasks),)


async def shown_panels(request: web.Request, call: CallRecord, party: Party | None) -> list[Shown]:
    """Those that have something to say of this call and caller to this reader."""
    actor, say = actor_of(request), translations(language_of(request)).gettext
    found = []
    for panel in PANELS:
        html = await panel.render(request, call, party) if actor.may(panel.permission) else None
        if html:
            found.append(Shown(panel.name, say(panel.title), html))
    return found
