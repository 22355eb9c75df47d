"""``/admin/fields``: an administrator defines the fields of contacts and companies, without code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

from crm_core.fields.model import OWNERS, Choice, FieldDef, OwnerKind
from crm_core.fields.service import Change
from crm_core.fields.types import KINDS
from cti.kernel.errors import InvalidError, RefusedError
from web.errors import said
from web.i18n import N_
from web.page import SERVICES, Form, Page, actor_of, render

MANAGE = "fields.manage"
TITLES: tuple[tuple[OwnerKind, str], ...] = (("person", N_("Contacts")), ("company", N_("Companies")))
CHOOSERS = ("choice", "choices")


async def _show(request: web.Request) -> web.StreamResponse:
    return await _page(request)


async def _page(
    request: web.Request,
    *,
    error: RefusedError | None = None,
    typed: Mapping[str, Any] | None = None,
    where: str = "",
    status: int = 200,
) -> web.StreamResponse:
    """The list with its forms; a form that was refused as it was typed, with the reason. ``where``: which one."""
    found = await request.app[SERVICES].crm.fields.list(actor_of(request))
    return render(
        request,
        "fields",
        "fields.html",
        status=status,
        choosers=CHOOSERS,
        error=error and said(request, error),
        groups=[(kind, title, [one for one in found if one.kind == kind]) for kind, title in TITLES],
        types={name: kind.title for name, kind in KINDS.items()},
        typed=typed or {},
        where=where,
        written=written,
    )


def written(field: FieldDef) -> str:
    """The choices as they are typed: one a line, ``value | فارسی | English``."""
    return "\n".join(" | ".join((one.value, one.fa, one.en)).rstrip(" |") for one in field.choices)


def read_choices(text: str) -> tuple[Choice, ...]:
    """A line of one part is value and name alike."""
    found = []
    for line in text.splitlines():
        value, fa, en = ([part.strip() for part in line.split("|")] + ["", ""])[:3]
        if value:
            found.append(Choice(value, fa or value, en))
    return tuple(found)


def _change(form: MultiDictProxy[Any], *, active: bool) -> Change:
    return Change(
        fa=str(form.get("fa", "")).strip(),
        en=str(form.get("en", "")).strip(),
        hint=str(form.get("hint", "")).strip(),
        required="required" in form,
        choices=read_choices(str(form.get("choices", ""))),
        active=active,
    )


async def _create(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    kind = next((kind for kind in OWNERS if kind == form.get("kind")), None)
    type_ = next((name for name in KINDS if name == form.get("type")), None)
    try:
        if kind is None or type_ is None:
            raise InvalidError(N_("Choose what the field is of, and its type."))
        fields = request.app[SERVICES].crm.fields
        await fields.create(actor_of(request), kind, str(form.get("name", "")), type_, _change(form, active=True))
    except RefusedError as error:
        return await _page(request, error=error, typed=dict(form), where="new", status=422)
    raise web.HTTPSeeOther("/admin/fields")


async def _edit(request: web.Request) -> web.StreamResponse:
    form, field_id = await request.post(), request.match_info["id"]
    try:
        change = _change(form, active="active" in form)
        await request.app[SERVICES].crm.fields.change(actor_of(request), field_id, change)
    except RefusedError as error:
        return await _page(request, error=error, typed=dict(form), where=field_id, status=422)
    raise web.HTTPSeeOther("/admin/fields")


async def _move(request: web.Request) -> web.StreamResponse:
    form = await request.post()
    by = -1 if form.get("to") == "up" else 1
    await request.app[SERVICES].crm.fields.move(actor_of(request), request.match_info["id"], by)
    raise web.HTTPSeeOther("/admin/fields")


PAGE = Page(
    path="/admin/fields",
    name="fields",
    show=_show,
    label=N_("Fields"),
    icon="list-plus",
    permission=MANAGE,
    hint=N_("What your organisation keeps of people beyond what everybody keeps."),
    forms=(
        Form("/admin/fields", _create, MANAGE),
        Form("/admin/fields/{id}", _edit, MANAGE),
        Form("/admin/fields/{id}/move", _move, MANAGE),
    ),
)
