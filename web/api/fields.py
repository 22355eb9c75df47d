"""``/api/v1/fields``: the custom fields of contacts and companies."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.fields.model import OWNERS, Choice, FieldDef, FieldType, OwnerKind
from crm_core.fields.service import Change
from web.api.operation import Asked, Operation
from web.api.schema import ref

Label = Annotated[str, Meta(max_length=80)]


class FieldQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    kind: OwnerKind | None = None


class NewField(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A new field; ``name`` and ``type`` never change."""

    kind: OwnerKind
    name: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
    type: FieldType
    fa: Label = ""
    en: Label = ""
    hint: Label = ""
    required: bool = False
    choices: Annotated[tuple[Choice, ...], Meta(max_length=200)] = ()


class FieldChange(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The field as it shall be; what is left out is empty."""

    fa: Label = ""
    en: Label = ""
    hint: Label = ""
    required: bool = False
    choices: Annotated[tuple[Choice, ...], Meta(max_length=200)] = ()
    active: bool = True


async def _list(asked: Asked) -> dict[str, Any]:
    kinds = OWNERS if asked.query.kind is None else (asked.query.kind,)
    return {"items": [one for kind in kinds for one in await asked.services.crm.fields.defined(kind)], "next": None}


async def _create(asked: Asked) -> FieldDef:
    body = asked.body(NewField)
    change = Change(fa=body.fa, en=body.en, hint=body.hint, required=body.required, choices=body.choices)
    return await asked.services.crm.fields.create(asked.actor, body.kind, body.name, body.type, change)


async def _change(asked: Asked) -> FieldDef:
    change = msgspec.convert(msgspec.to_builtins(asked.body(FieldChange)), Change)
    return await asked.services.crm.fields.change(asked.actor, asked.place("id"), change)


FIELDS_PAGE = {
    "type": "object",
    "required": ["items", "next"],
    "properties": {"items": {"type": "array", "items": ref(FieldDef)}, "next": {"type": "null"}},
}
LIST = Operation(
    method="GET",
    path="/api/v1/fields",
    name="listFields",
    summary="The custom fields that are in use",
    query=FieldQuery,
    answers=FIELDS_PAGE,
    run=_list,
    permission="contacts.view",
)
CREATE = Operation(
    method="POST",
    path="/api/v1/fields",
    name="createField",
    summary="Define a field",
    body=NewField,
    answers=ref(FieldDef),
    status=201,
    run=_create,
    permission="fields.manage",
)
CHANGE = Operation(
    method="PUT",
    path="/api/v1/fields/{id}",
    name="changeField",
    summary="Change a field's words, choices and use",
    body=FieldChange,
    answers=ref(FieldDef),
    run=_change,
    permission="fields.manage",
    places=(("id", "The field's id"),),
    problems=(400, 404),
)
