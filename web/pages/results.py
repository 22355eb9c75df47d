"""``/work/result/{id}``: how a call came out, said in one form; ``/admin/results``: what there is to choose from.

The form is a fragment for the desktop and a page of its own without script. Neighbours: ``crm_core.results`` keeps,
``web/src/result.ts`` and ``callnote.ts`` make the form quick.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from aiohttp import web
from yarl import URL

from crm_core.results.dispositions import MANAGE, MOST_LEVELS, DispositionDraft
from crm_core.results.model import SHAPES, TONES, Branch
from crm_core.results.part import MAY_SAY, CallPart
from crm_core.results.service import ResultDraft
from crm_core.tasks.model import TaskDraft
from cti.kernel.errors import RefusedError
from screenpop.presenter import other_party, party_name
from web.callers import contacts_of
from web.errors import said
from web.i18n import N_, translations
from web.page import SERVICES, Form, Page, actor_of, formats, language_of, render, wants_fragment
from web.result_words import FOLLOW_DAYS, SHAPE_WORDS, TONE_WORDS
from web.sending import answered
from web.typed import Typed

SAY = "|".join(MAY_SAY)
ON_A_DAY = "day"


# ---- the form ------------------------------------------------------------------------------------------------------


async def _form(request: web.Request) -> web.StreamResponse:
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    part = await crm.results.part(actor, request.match_info["id"])
    told = await crm.results.of_call(actor, part.record.id)
    mine = next((one for one in told.results if one.user == actor.id), None)
    return render(
        request,
        "work",
        "_result_form.html" if wants_fragment(request) else "result.html",
        call=part.record,
        chosen=[one.id for one in mine.path] if mine else [],
        days=_days(request),
        follow_title=await _title(request, part),
        note=next((one.text for one in told.notes if one.mine), ""),
        others=[one for one in told.notes if not one.mine],
        saved=mine,
        tree=await crm.dispositions.offered(actor, queue_of(part)),
    )


def queue_of(part: CallPart) -> str:
    """The queue whose results are offered: the one that the call came by, or waited in last."""
    waits = part.record.queue_waits
    return part.record.queue or (waits[-1].queue if waits else "")


def _days(request: web.Request) -> list[tuple[int, str, float]]:
    """When a follow-up may be due, but on a day of one's own: days ahead, the words, and that day."""
    f = formats(request)
    return [(days, text, f.midday(_ahead(request, days))) for days, text in FOLLOW_DAYS]


def _ahead(request: web.Request, days: int) -> str:
    """The day (2026-11-22) so many days from now at the site."""
    return (formats(request).local(request.app[SERVICES].clock.now()).date() + dt.timedelta(days=days)).isoformat()


async def _title(request: web.Request, part: CallPart) -> str:
    """What the follow-up is called if nobody says otherwise."""
    services, actor, record = request.app[SERVICES], actor_of(request), part.record
    known = (await contacts_of(services, actor, [record])).get(record.id)
    party = other_party(record)
    name = known[0].name if known else party_name(party)
    if name is None and actor.may("numbers.view"):
        name = formats(request).phone(party.number, party.raw)
    say = translations(language_of(request)).gettext
    return say(N_("Call back %(name)s")) % {"name": name} if name else say(N_("Call back"))


async def _save(request: web.Request) -> web.StreamResponse:
    return await answered(request, _saved(request))


async def _saved(request: web.Request) -> None:
    form, crm, actor = await Typed.of(request), request.app[SERVICES].crm, actor_of(request)
    draft = ResultDraft(
        disposition=_deepest(form), note=form.text("note") if "note" in form else None, task=await _task(request, form)
    )
    await crm.results.save(actor, request.match_info["id"], draft)


def _deepest(form: Typed) -> str:
    """The detail of the detail that was chosen: each level's choices are named after what they are details of."""
    chosen = form.text("disposition")
    for _ in range(MOST_LEVELS):
        detail = form.text(f"detail-{chosen}")
        if not detail:
            break
        chosen = detail
    return chosen


async def _task(request: web.Request, form: Typed) -> TaskDraft | None:
    follow = form.text("follow")
    if not follow:
        return None
    day = form.text("day") if follow == ON_A_DAY else _ahead(request, int(follow)) if follow in _DAYS else ""
    title = form.text("title").strip()
    if not title:
        title = await _title(request, await request.app[SERVICES].crm.results.part(actor_of(request), _call(request)))
    return TaskDraft(title=title, due_day=day)


_DAYS = frozenset(str(days) for days, _ in FOLLOW_DAYS)


def _call(request: web.Request) -> str:
    return request.match_info["id"]


# ---- administration ------------------------------------------------------------------------------------------------


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request, request.query.get("queue", ""))


async def _page(
    request: web.Request, queue: str, *, error: RefusedError | None = None, form: Typed | None = None, where: str = ""
) -> web.StreamResponse:
    """The tree of a queue with its forms; one that was refused as it was typed, with the reason. ``where``: which."""
    crm, actor = request.app[SERVICES].crm, actor_of(request)
    own = await crm.dispositions.queues(actor)
    queue = queue if queue in own else ""
    tree = await crm.dispositions.of_queue(actor, queue)
    return render(
        request,
        "results",
        "results.html",
        status=422 if error else 200,
        error=error and said(request, error),
        known_queues=[name for name in request.app[SERVICES].feed.board.queue_names() if name not in own],
        levels=MOST_LEVELS,
        own=own,
        parents=[(one.one.id, one.one) for one in _flat(tree, MOST_LEVELS - 1)],
        queue=queue,
        shapes=SHAPE_WORDS,
        tones=TONE_WORDS,
        tree=tree,
        typed=_fields(form) if form else None,
        where=where,
    )


def _flat(tree: tuple[Branch, ...], levels: int) -> list[Branch]:
    """Every branch down to a level, each followed by its details."""
    return [one for branch in tree for one in (branch, *(_flat(branch.children, levels - 1) if levels > 1 else ()))]


def _fields(form: Typed) -> dict[str, Any]:
    names = ("label_fa", "label_en", "shape", "tone", "follow_up_days", "parent")
    return {name: form.text(name) for name in names} | {name: name in form for name in ("needs_note", "active")}


def _draft(form: Typed, active: bool) -> DispositionDraft:
    return DispositionDraft(
        label_fa=form.text("label_fa"),
        label_en=form.text("label_en"),
        shape=next((one for one in SHAPES if one == form.text("shape")), SHAPES[0]),
        tone=next((one for one in TONES if one == form.text("tone")), "neutral"),
        needs_note="needs_note" in form,
        follow_up_days=form.number("follow_up_days", N_("Write the days as a number.")),
        active=active,
        version=form.version(),
    )


async def _create(request: web.Request) -> web.StreamResponse:
    form = await Typed.of(request)
    queue, parent = form.text("queue"), form.text("parent") or None
    try:
        dispositions = request.app[SERVICES].crm.dispositions
        made = await dispositions.create(actor_of(request), _draft(form, True), queue, parent)
    except RefusedError as error:
        return await _page(request, queue, error=error, form=form, where="new")
    raise web.HTTPSeeOther(_address(made.queue, made.id))


async def _change(request: web.Request) -> web.StreamResponse:
    form, one = await Typed.of(request), request.match_info["id"]
    dispositions = request.app[SERVICES].crm.dispositions
    try:
        changed = await dispositions.change(actor_of(request), one, _draft(form, "active" in form))
    except RefusedError as error:
        return await _page(request, form.text("queue"), error=error, form=form, where=one)
    raise web.HTTPSeeOther(_address(changed.queue, one))


async def _move(request: web.Request) -> web.StreamResponse:
    form = await Typed.of(request)
    by = -1 if form.text("to") == "up" else 1
    await request.app[SERVICES].crm.dispositions.move(actor_of(request), request.match_info["id"], by)
    raise web.HTTPSeeOther(_address(form.text("queue"), request.match_info["id"]))


async def _remove(request: web.Request) -> web.StreamResponse:
    form = await Typed.of(request)
    await request.app[SERVICES].crm.dispositions.remove(actor_of(request), request.match_info["id"])
    raise web.HTTPSeeOther(_address(form.text("queue")))


async def _copy(request: web.Request) -> web.StreamResponse:
    form = await Typed.of(request)
    try:
        await request.app[SERVICES].crm.dispositions.copy(actor_of(request), form.text("queue"))
    except RefusedError as error:
        return await _page(request, "", error=error, form=form, where="queue")
    raise web.HTTPSeeOther(_address(form.text("queue").strip()))


def _address(queue: str, one: str = "") -> str:
    """The page of a queue's results, at one of them."""
    return str(
        URL("/admin/results").with_query({"queue": queue} if queue else {}).with_fragment(f"r-{one}" if one else "")
    )


FORM = Page("/work/result/{id}", "work", _form, permission=SAY, forms=(Form("/work/result/{id}", _save, SAY),))
"""The form of one call."""
PAGE = Page(
    path="/admin/results",
    name="results",
    show=_show,
    label=N_("Results of calls"),
    icon="square-check",
    permission=MANAGE,
    hint=N_("What agents choose after a call, for each queue."),
    forms=(
        Form("/admin/results", _create, MANAGE),
        Form("/admin/results/queue", _copy, MANAGE),
        Form("/admin/results/{id}", _change, MANAGE),
        Form("/admin/results/{id}/move", _move, MANAGE),
        Form("/admin/results/{id}/remove", _remove, MANAGE),
    ),
)
