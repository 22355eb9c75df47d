"""``/admin/figures``: by which formulas figures are counted, and each queue's target and thresholds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from multidict import MultiDictProxy

from cti.kernel.errors import InvalidError, RefusedError
from cti.live.figures import (
    ANY_QUEUE,
    OCCUPANCY_FORMULAS,
    SERVICE_LEVEL_FORMULAS,
    FigureRules,
    QueueRule,
)
from cti.live.numbers import latin_digits
from web.errors import said
from web.figure_words import OCCUPANCIES, SERVICE_LEVELS
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render

MANAGE = "figures.manage"
PATH = "/admin/figures"
Typed = MultiDictProxy[Any]
S = TypeVar("S", bound=msgspec.Struct)
WRONG_QUEUE = N_("Seconds are 0 to 86400, the target is 0 to 100 percent.")
WRONG_DAY = N_("Seconds are 0 to 86400; “now” looks back 5 to 240 minutes.")


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request, *, error: RefusedError | None = None, typed: Mapping[str, Any] | None = None, where: str = ""
) -> web.StreamResponse:
    """The rules with their forms; one that was refused as it was typed, with the reason. ``where``: which one."""
    services = request.app[SERVICES]
    rules = await services.crm.figure_rules.get(actor_of(request))
    ruled = {one.queue for one in rules.queues}
    return render(
        request,
        "figures",
        "figures.html",
        status=422 if error else 200,
        any_queue=ANY_QUEUE,
        error=error and said(request, error),
        levels=SERVICE_LEVELS,
        level_sources={name: one.source for name, (one, _) in SERVICE_LEVEL_FORMULAS.items()},
        occupancies=OCCUPANCIES,
        occupancy_sources={name: one.source for name, (one, _) in OCCUPANCY_FORMULAS.items()},
        queues=[name for name in services.feed.board.queue_names() if name not in ruled],
        rules=rules,
        saved="saved" in request.query,
        typed=typed or {},
        where=where,
    )


def _form(where: Callable[[web.Request], str], change: Callable[[FigureRules, Typed, str], FigureRules]) -> Any:
    """What a form does: the rules as they are, with ``change`` made to them, written if nobody else was faster."""

    async def run(request: web.Request) -> web.StreamResponse:
        form, place = await request.post(), where(request)
        service = request.app[SERVICES].crm.figure_rules
        try:
            before = await service.get(actor_of(request))
            version = _whole(form, "version", N_("Reload the page and try again."))
            changed = change(before, form, place)
            await service.put(actor_of(request), msgspec.structs.replace(changed, version=version))
        except RefusedError as error:
            return await _page(request, error=error, typed=dict(form), where=place)
        raise web.HTTPSeeOther(f"{PATH}?saved")

    return run


def _set_queue(rules: FigureRules, form: Typed, place: str) -> FigureRules:
    queue = str(form.get("queue", "")) if place == "new" else place
    if not queue:
        raise InvalidError(N_("Choose a queue."))
    others = tuple(one for one in rules.queues if one.queue != queue)
    if form.get("do") == "delete" and queue != ANY_QUEUE:
        return msgspec.structs.replace(rules, queues=others)
    rule = _queue_rule(form, queue)
    known = any(one.queue == queue for one in rules.queues)
    queues = tuple(rule if one.queue == queue else one for one in rules.queues) if known else (rule, *others)
    return msgspec.structs.replace(rules, queues=queues)


def _queue_rule(form: Typed, queue: str) -> QueueRule:
    told = {
        "queue": queue,
        "service_level": str(form.get("service_level", "")),
        "threshold_seconds": _whole(form, "threshold_seconds", WRONG_QUEUE),
        "target_percent": _whole(form, "target_percent", WRONG_QUEUE),
        "short_seconds": _whole(form, "short_seconds", WRONG_QUEUE),
        "short_leave_rate": "short_leave_rate" in form,
        "wait": {name: _whole(form, f"wait_{name}", WRONG_QUEUE) for name in ("warn", "bad")},
    }
    return _checked(QueueRule, told, WRONG_QUEUE)


def _set_day(rules: FigureRules, form: Typed, _place: str) -> FigureRules:
    told = msgspec.to_builtins(rules) | {
        "occupancy": str(form.get("occupancy", "")),
        "interval_minutes": _whole(form, "interval_minutes", WRONG_DAY),
        "now_minutes": _whole(form, "now_minutes", WRONG_DAY),
    }
    for limit in ("talk", "pause"):
        told[limit] = {name: _whole(form, f"{limit}_{name}", WRONG_DAY) for name in ("warn", "bad")}
    return _checked(FigureRules, told, WRONG_DAY)


def _whole(form: Typed, name: str, wrong: str) -> int:
    """What was typed as a whole number, in any digits; 0 for nothing."""
    text = latin_digits(str(form.get(name, ""))).strip() or "0"
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InvalidError(wrong)
    return int(text)


def _checked(kind: type[S], values: dict[str, Any], wrong: str) -> S:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise InvalidError(wrong) from error


PAGE = Page(
    path=PATH,
    name="figures",
    show=_show,
    label=N_("Figures"),
    icon="timer",
    permission=MANAGE,
    hint=N_("How service level and occupancy are counted, each queue's target, and what is long."),
    forms=(
        Form(f"{PATH}/queues", _form(lambda _: "new", _set_queue), MANAGE),
        Form(f"{PATH}/queues/{{id}}", _form(lambda r: r.match_info["id"], _set_queue), MANAGE),
        Form(f"{PATH}/day", _form(lambda _: "day", _set_day), MANAGE),
    ),
)
