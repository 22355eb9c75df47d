"""A page of rules that are kept as one: shown with its forms, changed by any of them, refused with what was typed.

Neighbours: ``crm_core.rules`` keeps them, ``typed`` reads the forms; ``pages.alerts``, ``figures`` and ``pauses`` are
such pages, and say what a form makes of the rules as they are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from aiohttp import web

from cti.kernel.actor import Actor
from cti.kernel.errors import InvalidError, RefusedError
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render
from web.services import Services
from web.typed import Typed

R = TypeVar("R", bound=msgspec.Struct)


class OfQueue(Protocol):
    """A rule of a queue."""

    @property
    def queue(self) -> str: ...


Q = TypeVar("Q", bound=OfQueue)


class Kept(Protocol[R]):
    """Who keeps the rules; they have a ``version``."""

    async def get(self, actor: Actor) -> R: ...

    async def put(self, actor: Actor, rules: R) -> R:
        """ConflictError if somebody else has changed them since ``rules.version``."""


@dataclass(frozen=True)
class RulesPage(Generic[R]):
    """``name`` is the template's too; ``shown``: what it needs besides the rules; ``fields``: those of a form that it
    asks for though they may be missing."""

    path: str
    name: str
    permission: str
    kept: Callable[[Services], Kept[R]]
    shown: Callable[[web.Request, R], Awaitable[Mapping[str, Any]]]
    fields: tuple[str, ...] = ()

    def page(self, label: str, icon: str, hint: str, *forms: Form) -> Page:
        return Page(self.path, self.name, self._page, label, icon, self.permission, forms, hint)

    def form(self, under: str, change: Callable[[R, Typed, str], R], new: str = "new") -> Form:
        """What a form does. ``change`` is told which rule the address names, if any; ``new``: the form's own name."""

        async def run(request: web.Request) -> web.StreamResponse:
            typed, place = await Typed.of(request), request.match_info.get("id", "")
            kept, actor = self.kept(request.app[SERVICES]), actor_of(request)
            try:
                changed = change(await kept.get(actor), typed, place)
                await kept.put(actor, msgspec.structs.replace(changed, version=typed.version() or 0))
            except RefusedError as error:
                return await self._page(request, error, typed.texts(), place or new)
            raise web.HTTPSeeOther(f"{self.path}?saved")

        return Form(f"{self.path}{under}", run, self.permission)

    async def _page(
        self,
        request: web.Request,
        error: RefusedError | None = None,
        typed: dict[str, str] | None = None,
        where: str = "",
    ) -> web.StreamResponse:
        """``typed``: a form that was refused; ``where``: which."""
        rules = await self.kept(request.app[SERVICES]).get(actor_of(request))
        return render(
            request,
            self.name,
            f"{self.name}.html",
            status=422 if error else 200,
            error=error and said(request, error),
            rules=rules,
            saved="saved" in request.query,
            typed=dict.fromkeys(self.fields, "") | (typed or {}),
            where=where,
            **await self.shown(request, rules),
        )


def with_queue(
    rules: tuple[Q, ...], typed: Typed, place: str, made: Callable[[Typed, str], Q], always: Container[str]
) -> tuple[Q, ...]:
    """``rules`` with that of a queue as a form says: added, changed, or taken away unless it is there ``always``."""
    queue = place or typed.text("queue")
    if not queue:
        raise InvalidError(N_("Choose a queue."))
    if typed.text("do") == "delete" and queue not in always:
        return tuple(one for one in rules if one.queue != queue)
    rule = made(typed, queue)
    known = any(one.queue == queue for one in rules)
    return tuple(rule if one.queue == queue else one for one in rules) if known else (rule, *rules)
