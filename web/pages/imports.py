"""``/import``: a file comes in, its columns are mapped, what would become of it is shown, it runs, is taken back.

One address for each import, whatever state it is in; what is under way is asked for again when it moves. Neighbours:
``import_errors`` gives the rows to mend, ``web.import_words`` has the words, ``crm_core.exchange`` does it.
"""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from crm_core.exchange.model import AT_WORK, Import, Policy
from crm_core.exchange.rows import Choices
from crm_core.exchange.service import Exchange
from cti.kernel.errors import InvalidError, NotFoundError
from cti.kernel.persian import latin_digits
from web import i18n, import_words, uploads
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, language_of, render
from web.typed import Typed, judged

PERMISSION = "contacts.import"
PAGE_SIZE = 30
PREVIEWED = 5
TAGS = 20
WRONG = N_("One of the choices cannot be; choose again.")


def _exchange(request: web.Request) -> Exchange:
    return request.app[SERVICES].crm.exchange


async def _list(request: web.Request, error: str = "", status: int = 200) -> web.StreamResponse:
    exchange = _exchange(request)
    page = await exchange.page(actor_of(request), request.query.get("cursor") or None, PAGE_SIZE)
    return render(
        request, "contacts", "imports.html", status=status, error=error, imports=page.items, largest=exchange.largest,
        next=page.next, states=import_words.STATES,
    )  # fmt: skip


async def _show_list(request: web.Request) -> web.StreamResponse:
    return await _list(request)


async def _receive(request: web.Request) -> web.StreamResponse:
    """The limit is held against what the browser says first: a file that is too large is not waited for."""
    exchange = _exchange(request)
    try:
        exchange.admit(actor_of(request), request.content_length)
        part = await uploads.of_form(request)
        one = await exchange.receive(actor_of(request), part.filename or "", uploads.chunks(part))
    except InvalidError as error:
        return await _list(request, said(request, error), 422)
    raise web.HTTPSeeOther(f"/import/{one.id}")


async def _show(request: web.Request) -> web.StreamResponse:
    return await _one(request, await _exchange(request).get(actor_of(request), request.match_info["id"]))


async def _one(request: web.Request, one: Import, error: str = "") -> web.StreamResponse:
    exchange, actor, language = _exchange(request), actor_of(request), language_of(request)
    say, fields = i18n.translations(language).gettext, await exchange.fields()
    values: dict[str, Any] = {"preview": (), "faulty": (), "kept": ()}
    if one.state in ("uploaded", "checked"):
        values["preview"] = await exchange.preview(actor, one, PREVIEWED)
        values["colleagues"] = await exchange.colleagues(actor)
    elif one.state not in AT_WORK:
        values["faulty"] = await exchange.first_faulty(actor, one.id)
        values["kept"] = await exchange.kept(actor, one.id) if one.kept else ()
    return render(
        request, "contacts", "import.html", fragment="_import.html", status=422 if error else 200, error=error,
        one=one,
        at_work=one.state in AT_WORK, mine=one.actor == actor.id, share=import_words.share(one),
        reason=lambda fault: import_words.reason(fault, say),
        choices=import_words,
        names=import_words.target_names(fields, say, language), targets=import_words.targets(fields, say, language),
        **values,
    )  # fmt: skip


async def _map(request: web.Request) -> web.StreamResponse:
    """Columns and policy as chosen; then on to the dry run, or the page again with the new preview."""
    exchange, actor, id_ = _exchange(request), actor_of(request), request.match_info["id"]
    form = await Typed.of(request)
    one = await exchange.get(actor, id_)
    try:
        if form.text("do") == "reread":
            one = await exchange.reread(actor, id_, _choices(form))
        else:
            one = await exchange.map(actor, id_, _mapping(one, form), _policy(form))
        if form.text("do") == "check":
            one = await exchange.check(actor, id_)
    except InvalidError as error:
        return await _one(request, await exchange.get(actor, id_), said(request, error))
    if form.text("do") == "preview":
        return await _one(request, one)
    raise web.HTTPSeeOther(f"/import/{id_}")


def _mapping(one: Import, form: Typed) -> list[str]:
    width = len(one.looked.headers) if one.looked is not None else 0
    return [form.text(f"to{n}") for n in range(width)]


def _policy(form: Typed) -> Policy:
    given = {
        "kind": form.text("kind", "person"),
        "on_match": form.text("on_match", "skip"),
        "on_fault": form.text("on_fault", "set_aside"),
        "match_by": form.all("match_by"),
        "area_code": latin_digits(form.text("area_code").strip()),
        "source": form.text("source").strip()[:200],
        "tags": [tag for text in re.split("[،,]", form.text("tags")) if (tag := text.strip())],
    }
    return judged(given, Policy, WRONG)


def _choices(form: Typed) -> Choices:
    header = form.number("header", N_("Row of the column names: write its number, or 0 if there is none."))
    given = {name: form.text(name) for name in ("encoding", "delimiter", "sheet")}
    return judged({**given, "header": header}, Choices, WRONG)


STEPS = ("check", "start", "pause", "resume", "cancel", "revert")


async def _step(request: web.Request) -> web.StreamResponse:
    exchange, actor, id_, step = _exchange(request), actor_of(request), *map(request.match_info.get, ("id", "step"))
    assert id_ is not None
    if step == "discard":
        await exchange.discard(actor, id_)
        raise web.HTTPSeeOther("/import")
    if step not in STEPS:
        raise NotFoundError(N_("There is no such page."))
    try:
        await getattr(exchange, step)(actor, id_)
    except InvalidError as error:
        return await _one(request, await exchange.get(actor, id_), said(request, error))
    raise web.HTTPSeeOther(f"/import/{id_}")


PAGE = Page(
    path="/import",
    name="contacts",
    show=_show_list,
    label=N_("Import contacts"),
    icon="upload",
    hint=N_("A phone book as CSV, Excel or vCard: checked first, and it can be taken back."),
    permission=PERMISSION,
    forms=(Form("/import", _receive, PERMISSION),),
)
ONE = Page(
    path="/import/{id}",
    name="contacts",
    show=_show,
    permission=PERMISSION,
    forms=(Form("/import/{id}/map", _map, PERMISSION), Form("/import/{id}/{step}", _step, PERMISSION)),
)
