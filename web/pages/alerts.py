"""``/admin/alerts``: of what is warned, when, and what was warned of lately."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from crm_core.alerts.rules import AlertRules
from cti.kernel.errors import InvalidError, NotFoundError
from cti.kernel.ids import new_id
from cti.live.alarms import AlertRule
from cti.live.numbers import latin_digits
from web.alert_words import KINDS, LEVELS
from web.i18n import N_
from web.page import SERVICES, actor_of
from web.rules_page import RulesPage
from web.typed import Typed, judged

MANAGE = "alerts.manage"
WRONG = N_("Limits and times are whole numbers; hours are written as 22:00.")
_AMOUNTS = ("limit", "raise_after", "clear_after", "window_minutes")
_HOURS = ("quiet_from", "quiet_to")
_FIELDS = ("kind", "level", "clear_limit", "queues", "active", *_AMOUNTS, *_HOURS)


async def _shown(request: web.Request, _rules: AlertRules) -> Mapping[str, Any]:
    history = await request.app[SERVICES].crm.alerts.history(actor_of(request), 50)
    return {"clock": _clock, "history": history, "kinds": KINDS, "levels": LEVELS}


def _change(rules: AlertRules, form: Typed, place: str) -> AlertRules:
    return msgspec.structs.replace(rules, rules=_changed(rules.rules, form, place))


def _changed(rules: tuple[AlertRule, ...], form: Typed, place: str) -> tuple[AlertRule, ...]:
    if not place:
        return (*rules, _rule(form, "r" + new_id(0.0).replace("-", "")[-12:]))
    if all(one.id != place for one in rules):
        raise NotFoundError(N_("There is no such rule."))
    if form.text("do") == "delete":
        return tuple(one for one in rules if one.id != place)
    return tuple(_rule(form, place) if one.id == place else one for one in rules)


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


RULES = RulesPage("/admin/alerts", "alerts", MANAGE, lambda services: services.crm.alert_rules, _shown, _FIELDS)
PAGE = RULES.page(
    N_("Alerts"),
    "triangle-alert",
    N_("Of what every live page warns: long waits, a service level that falls, lines and links that are down."),
    RULES.form("/rules", _change),
    RULES.form("/rules/{id}", _change),
)
