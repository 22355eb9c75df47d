"""``/admin/pauses``: the reasons of pauses, wrap-up by queue, and when who misses calls is away."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from multidict import MultiDictProxy

from crm_core.agents.model import ANY_QUEUE, NO_QUEUE, QueueWrap, Reason, Rules
from cti.kernel.errors import InvalidError, NotFoundError, RefusedError
from cti.kernel.ids import new_id
from cti.live.numbers import latin_digits
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render

MANAGE = "results.manage"
PATH = "/admin/pauses"
NAMES: Mapping[str, str] = {ANY_QUEUE: N_("All other queues"), NO_QUEUE: N_("Calls of no queue")}
Typed = MultiDictProxy[Any]
S = TypeVar("S", bound=msgspec.Struct)


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request, *, error: RefusedError | None = None, typed: Mapping[str, Any] | None = None, where: str = ""
) -> web.StreamResponse:
    """The rules with their forms; one that was refused as it was typed, with the reason. ``where``: which one."""
    services = request.app[SERVICES]
    rules = await services.crm.agent_rules.get(actor_of(request))
    ruled = {one.queue for one in rules.wraps}
    return render(
        request,
        "pauses",
        "pauses.html",
        status=422 if error else 200,
        error=error and said(request, error),
        names=NAMES,
        queues=[name for name in services.feed.board.queue_names() if name not in ruled],
        rules=rules,
        saved="saved" in request.query,
        typed=typed or {},
        where=where,
    )


def _form(where: Callable[[web.Request], str], change: Callable[[Rules, Typed, str], Rules]) -> Any:
    """What a form does: the rules as they are, with ``change`` made to them, written if nobody else was faster."""

    async def run(request: web.Request) -> web.StreamResponse:
        form, place = await request.post(), where(request)
        service = request.app[SERVICES].crm.agent_rules
        try:
            before = await service.get(actor_of(request))
            version = _number(form, "version", N_("Reload the page and try again."))
            changed = change(before, form, place)
            await service.put(actor_of(request), msgspec.structs.replace(changed, version=int(version or 0)))
        except RefusedError as error:
            return await _page(request, error=error, typed=dict(form), where=place)
        raise web.HTTPSeeOther(f"{PATH}?saved")

    return run


# --- reasons


def _new_reason(rules: Rules, form: Typed, _where: str) -> Rules:
    made = _words(form)
    return msgspec.structs.replace(rules, reasons=(*rules.reasons, _reason(_free_id(rules, made["en"]), made, True)))


def _change_reason(rules: Rules, form: Typed, id: str) -> Rules:
    at = next((n for n, one in enumerate(rules.reasons) if one.id == id), None)
    if at is None:
        raise NotFoundError(N_("There is no such reason for a pause."))
    reasons = list(rules.reasons)
    if (to := form.get("to")) in ("up", "down"):
        by = -1 if to == "up" else 1
        reasons.insert(max(0, at + by), reasons.pop(at))
    else:
        reasons[at] = _reason(id, _words(form), "active" in form)
    return msgspec.structs.replace(rules, reasons=tuple(reasons))


def _words(form: Typed) -> dict[str, str]:
    return {name: " ".join(str(form.get(name, "")).split()) for name in ("fa", "en")}


def _reason(id: str, words: dict[str, str], active: bool) -> Reason:
    return _checked(Reason, {"id": id, **words, "active": active}, N_("A reason's name has 1 to 40 letters."))


def _free_id(rules: Rules, english: str) -> str:
    """A name for files and the API, made of the English one where that can be."""
    made = re.sub(r"[^a-z0-9]+", "-", english.lower()).strip("-")[:30]
    if not re.fullmatch(r"[a-z][a-z0-9-]*", made) or rules.reason(made) is not None:
        made = "r" + new_id(0.0).replace("-", "")[-12:]
    return made


# --- wrap-up


def _set_wrap(rules: Rules, form: Typed, queue: str) -> Rules:
    if not queue:
        raise InvalidError(N_("Choose a queue."))
    others = tuple(one for one in rules.wraps if one.queue != queue)
    if form.get("do") == "delete" and queue not in NAMES:
        return msgspec.structs.replace(rules, wraps=others)
    known = any(one.queue == queue for one in rules.wraps)
    wrap = _wrap(form, queue)
    wraps = tuple(wrap if one.queue == queue else one for one in rules.wraps) if known else (wrap, *others)
    return msgspec.structs.replace(rules, wraps=wraps)


def _wrap(form: Typed, queue: str) -> QueueWrap:
    wrong = N_("Wrap-up: 0 to 3600 seconds, or empty without an end; at most 20 extensions.")
    told: dict[str, Any] = {
        "queue": queue,
        "seconds": _number(form, "seconds", wrong),
        "mandatory": "mandatory" in form,
        "extend_seconds": _number(form, "extend_seconds", wrong) or 0.0,
        "extensions": int(_number(form, "extensions", wrong) or 0),
    }
    return _checked(QueueWrap, told, wrong)


def _set_missed(rules: Rules, form: Typed, _where: str) -> Rules:
    wrong = N_("Missed calls: a number from 0 to 20.")
    told = msgspec.to_builtins(rules) | {"missed_limit": int(_number(form, "missed_limit", wrong) or 0)}
    return _checked(Rules, told, wrong)


def _number(form: Typed, name: str, wrong: str) -> float | None:
    """What was typed as a number, in any digits; None for nothing."""
    text = latin_digits(str(form.get(name, ""))).strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,9}", text):
        raise InvalidError(wrong)
    return float(text)


def _checked(kind: type[S], values: dict[str, Any], wrong: str) -> S:
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise InvalidError(wrong) from error


PAGE = Page(
    path=PATH,
    name="pauses",
    show=_show,
    label=N_("Pauses and wrap-up"),
    icon="clock",
    permission=MANAGE,
    hint=N_("Why agents pause, how long they have after a call, and when who misses calls is away."),
    forms=(
        Form(f"{PATH}/reasons", _form(lambda _: "new", _new_reason), MANAGE),
        Form(f"{PATH}/reasons/{{id}}", _form(lambda r: r.match_info["id"], _change_reason), MANAGE),
        Form(
            f"{PATH}/queues", _form(lambda _: "queue", lambda a, f, _: _set_wrap(a, f, str(f.get("queue", "")))), MANAGE
        ),
        Form(f"{PATH}/queues/{{id}}", _form(lambda r: r.match_info["id"], _set_wrap), MANAGE),
        Form(f"{PATH}/missed", _form(lambda _: "missed", _set_missed), MANAGE),
    ),
)
