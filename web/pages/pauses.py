"""``/admin/pauses``: the reasons of pauses, wrap-up by queue, and when who misses calls is away."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from crm_core.agents.model import ANY_QUEUE, NO_QUEUE, QueueWrap, Reason, Rules
from cti.kernel.errors import NotFoundError
from cti.kernel.ids import new_id
from web.i18n import N_
from web.page import SERVICES
from web.rules_page import RulesPage, with_queue
from web.typed import Typed, judged

MANAGE = "results.manage"
NAMES: Mapping[str, str] = {ANY_QUEUE: N_("All other queues"), NO_QUEUE: N_("Calls of no queue")}


async def _shown(request: web.Request, rules: Rules) -> Mapping[str, Any]:
    ruled = {one.queue for one in rules.wraps}
    queues = request.app[SERVICES].feed.board.queue_names()
    return {"names": NAMES, "queues": [name for name in queues if name not in ruled]}


# --- reasons


def _new_reason(rules: Rules, form: Typed, _place: str) -> Rules:
    made = _words(form)
    return msgspec.structs.replace(rules, reasons=(*rules.reasons, _reason(_free_id(rules, made["en"]), made, True)))


def _change_reason(rules: Rules, form: Typed, id: str) -> Rules:
    at = next((n for n, one in enumerate(rules.reasons) if one.id == id), None)
    if at is None:
        raise NotFoundError(N_("There is no such reason for a pause."))
    reasons = list(rules.reasons)
    if (to := form.text("to")) in ("up", "down"):
        by = -1 if to == "up" else 1
        reasons.insert(max(0, at + by), reasons.pop(at))
    else:
        reasons[at] = _reason(id, _words(form), "active" in form)
    return msgspec.structs.replace(rules, reasons=tuple(reasons))


def _words(form: Typed) -> dict[str, str]:
    return {name: " ".join(form.text(name).split()) for name in ("fa", "en")}


def _reason(id: str, words: dict[str, str], active: bool) -> Reason:
    return judged({"id": id, **words, "active": active}, Reason, N_("A reason's name has 1 to 40 letters."))


def _free_id(rules: Rules, english: str) -> str:
    """A name for files and the API, made of the English one where that can be."""
    made = re.sub(r"[^a-z0-9]+", "-", english.lower()).strip("-")[:30]
    if not re.fullmatch(r"[a-z][a-z0-9-]*", made) or rules.reason(made) is not None:
        made = "r" + new_id(0.0).replace("-", "")[-12:]
    return made


# --- wrap-up


def _set_wrap(rules: Rules, form: Typed, place: str) -> Rules:
    wraps = with_queue(rules.wraps, form, place, _wrap, always=NAMES)
    return msgspec.structs.replace(rules, wraps=wraps)


def _wrap(form: Typed, queue: str) -> QueueWrap:
    wrong = N_("Wrap-up: 0 to 3600 seconds, or empty without an end; at most 20 extensions.")
    told: dict[str, Any] = {
        "queue": queue,
        "seconds": form.number("seconds", wrong),
        "mandatory": "mandatory" in form,
        "extend_seconds": form.number("extend_seconds", wrong) or 0,
        "extensions": form.number("extensions", wrong) or 0,
    }
    return judged(told, QueueWrap, wrong)


def _set_missed(rules: Rules, form: Typed, _place: str) -> Rules:
    wrong = N_("Missed calls: a number from 0 to 20.")
    told = msgspec.to_builtins(rules) | {"missed_limit": form.number("missed_limit", wrong) or 0}
    return judged(told, Rules, wrong)


RULES = RulesPage("/admin/pauses", "pauses", MANAGE, lambda services: services.crm.agent_rules, _shown)
PAGE = RULES.page(
    N_("Pauses and wrap-up"),
    "clock",
    N_("Why agents pause, how long they have after a call, and when who misses calls is away."),
    RULES.form("/reasons", _new_reason),
    RULES.form("/reasons/{id}", _change_reason),
    RULES.form("/queues", _set_wrap, "queue"),
    RULES.form("/queues/{id}", _set_wrap),
    RULES.form("/missed", _set_missed, "missed"),
)
