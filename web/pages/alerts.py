"""``/admin/alerts``: of what is warned, when, and what was warned of lately."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from crm_core.alerts.service import AlertRules
from cti.kernel.errors import InvalidError, NotFoundError, RefusedError
from cti.kernel.ids import new_id
from cti.live.alarms import AlertRule
from cti.live.numbers import latin_digits
from web.alert_words import KINDS, LEVELS
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render
from web.typed import Typed, judged

MANAGE = "alerts.manage"
PATH = "/admin/alerts"
NEW = "new"
WRONG = N_("Limits and times are whole numbers; hours are written as 22:00.")
_AMOUNTS = ("limit", "raise_after", "clear_after", "window_minutes")
_HOURS = ("quiet_from", "quiet_to")
_FIELDS = ("kind", "level", "clear_limit", "queues", "active", *_AMOUNTS, *_HOURS)


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request, *, error: RefusedError | None = None, typed: Mapping[str, Any] | None = None, where: str = ""
) -> web.StreamResponse:
    """The rules with their forms; one that was refused as it was typed, with the reason. ``where``: which one."""
    services, actor = request.app[SERVICES], actor_of(request)
    rules = await services.crm.alerts.rules(actor)
    return render(
        request,
        "alerts",
        "alerts.html",
        status=422 if error else 200,
        clock=_clock,
        error=error and said(request, error),
        history=await services.crm.alerts.history(actor, 50),
        kinds=KINDS,
        levels=LEVELS,
        rules=rules,
        saved="saved" in request.query,
        typed=dict.fromkeys(_FIELDS, "") | dict(typed or {}),
        where=where,
    )


async def _write(request: web.Request) -> web.StreamResponse:
    """One rule is new, changed or taken away; written if nobody else was faster."""
    form, place = await Typed.of(request), request.match_info.get("id", NEW)
    service, actor = request.app[SERVICES].crm.alerts, actor_of(request)
    try:
        before = await service.rules(actor)
        changed = AlertRules(rules=_changed(before, form, place), version=form.version() or 0)
        await service.put_rules(actor, changed)
    except RefusedError as error:
        return await _page(request, error=error, typed=form.texts(), where=place)
    raise web.HTTPSeeOther(f"{PATH}?saved")


def _changed(rules: AlertRules, form: Typed, place: str) -> tuple[AlertRule, ...]:
    if place == NEW:
        return (*rules.rules, _rule(form, "r" + new_id(0.0).replace("-", "")[-12:]))
    if all(one.id != place for one in rules.rules):
        raise NotFoundError(N_("There is no such rule."))
    if form.text("do") == "delete":
        return tuple(one for one in rules.rules if one.id != place)
    return tuple(_rule(form, place) if one.id == place else one for one in rules.rules)


def _rule(form: Typed, id: str) -> AlertRule:
    told: dict[str, Any] = {name: value for name in _AMOUNTS if (value := form.number(name, WRONG)) is not None}
    told |= {name: _minute(form, name) for name in _HOURS}
    told |= {"id": id, "kind": form.text("kind"), "level": form.text("level"), "active": "active" in form}
    told["clear_limit"] = form.number("clear_limit", WRONG)
    told["queues"] = tuple(filter(None, (name.strip() for name in re.split("[,،\n]", form.text("queues")))))
    return judged(told, AlertRule, WRONG)


def _minute(form: Typed, name: str) -> int | None:
    """``22:30`` as a minute of the day; None for nothing."""
    text = latin_digits(form.text(name)).strip()
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if text and found is None:
        raise InvalidError(WRONG)
    return int(found[1]) * 60 + int(found[2]) if found else None


def _clock(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


PAGE = Page(
    path=PATH,
    name="alerts",
    show=_show,
    label=N_("Alerts"),
    icon="triangle-alert",
    permission=MANAGE,
    hint=N_("Of what every live page warns: long waits, a service level that falls, lines and links that are down."),
    forms=(Form(f"{PATH}/rules", _write, MANAGE), Form(f"{PATH}/rules/{{id}}", _write, MANAGE)),
)
