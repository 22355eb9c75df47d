"""``/admin/figures``: by which formulas figures are counted, and each queue's target and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from cti.live.figures import (
    ANY_QUEUE,
    OCCUPANCY_FORMULAS,
    SERVICE_LEVEL_FORMULAS,
    FigureRules,
    QueueRule,
)
from web.figure_words import OCCUPANCIES, SERVICE_LEVELS
from web.i18n import N_
from web.page import SERVICES
from web.rules_page import RulesPage, with_queue
from web.typed import Typed, judged

MANAGE = "figures.manage"
WRONG_QUEUE = N_("Seconds are 0 to 86400, the target is 0 to 100 percent.")
WRONG_DAY = N_("Seconds are 0 to 86400; “now” looks back 5 to 240 minutes.")


async def _shown(request: web.Request, rules: FigureRules) -> Mapping[str, Any]:
    ruled = {one.queue for one in rules.queues}
    return {
        "any_queue": ANY_QUEUE,
        "levels": SERVICE_LEVELS,
        "level_sources": {name: one.source for name, (one, _) in SERVICE_LEVEL_FORMULAS.items()},
        "occupancies": OCCUPANCIES,
        "occupancy_sources": {name: one.source for name, (one, _) in OCCUPANCY_FORMULAS.items()},
        "queues": [name for name in request.app[SERVICES].feed.board.queue_names() if name not in ruled],
    }


def _set_queue(rules: FigureRules, form: Typed, place: str) -> FigureRules:
    queues = with_queue(rules.queues, form, place, _queue_rule, always=(ANY_QUEUE,))
    return msgspec.structs.replace(rules, queues=queues)


def _queue_rule(form: Typed, queue: str) -> QueueRule:
    told = {
        "queue": queue,
        "service_level": form.text("service_level"),
        "threshold_seconds": form.number("threshold_seconds", WRONG_QUEUE) or 0,
        "target_percent": form.number("target_percent", WRONG_QUEUE) or 0,
        "short_seconds": form.number("short_seconds", WRONG_QUEUE) or 0,
        "short_leave_rate": "short_leave_rate" in form,
        "wait": {name: form.number(f"wait_{name}", WRONG_QUEUE) or 0 for name in ("warn", "bad")},
    }
    return judged(told, QueueRule, WRONG_QUEUE)


def _set_day(rules: FigureRules, form: Typed, _place: str) -> FigureRules:
    told = msgspec.to_builtins(rules) | {
        "occupancy": form.text("occupancy"),
        "interval_minutes": form.number("interval_minutes", WRONG_DAY) or 0,
        "now_minutes": form.number("now_minutes", WRONG_DAY) or 0,
    }
    for limit in ("talk", "pause"):
        told[limit] = {name: form.number(f"{limit}_{name}", WRONG_DAY) or 0 for name in ("warn", "bad")}
    return judged(told, FigureRules, WRONG_DAY)


RULES = RulesPage("/admin/figures", "figures", MANAGE, lambda services: services.crm.figure_rules, _shown)
PAGE = RULES.page(
    N_("Figures"),
    "timer",
    N_("How service level and occupancy are counted, each queue's target, and what is long."),
    RULES.form("/queues", _set_queue),
    RULES.form("/queues/{id}", _set_queue),
    RULES.form("/day", _set_day, "day"),
)
