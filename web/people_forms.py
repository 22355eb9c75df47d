"""The form of a person or company: filled from what is kept, read into a draft, and kept as typed when it is refused.

Whatever was typed comes back into the form as it was: ``Typed`` is the same whether it was made of a party or of a form
that was sent. Neighbours: ``pages.contact_form`` shows and runs it, ``crm_core.contacts.draft`` cleans the draft.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET
from multidict import MultiDictProxy

from crm_core.contacts.model import (
    ROLES,
    Draft,
    DraftNumber,
    Party,
    PartyAddress,
    PartyKind,
    PartyLink,
    PartyMail,
)
from crm_core.fields.model import FieldDef

TEXTS = (
    "name", "first_name", "last_name", "honorific", "company_name", "position", "tier", "owner", "team", "source",
    "language", "birth_date", "national_id", "economic_code",
)  # fmt: skip
PERSON = ("first_name", "last_name", "honorific", "company_name", "position", "birth_date")
COMPANY = ("name",)
BOTH = ("tier", "source", "language", "national_id", "economic_code")
CHECKS = ("do_not_call", "do_not_sms")
ROWS: dict[str, tuple[str, ...]] = {  # repeated parts, and the inputs of a row
    "numbers": ("raw", "kind", "extension", "label"),
    "mails": ("address", "kind"),
    "addresses": ("text", "kind", "city", "province", "postal_code", "country"),
    "links": ("value", "kind"),
}
MOST_ROWS = 60
FIELD = "field_"
_SEPARATORS = re.compile(r"[,،;؛\n]")

Row = dict[str, str]


class Typed(msgspec.Struct, frozen=True):
    """What stands in the form. ``numbers`` is None where they may not be seen, so that they stay as they are."""

    texts: dict[str, str]
    checks: frozenset[str]
    rows: dict[str, list[Row]]
    roles: tuple[str, ...]
    other_roles: str
    tags: str
    fields: dict[str, Any]
    version: int | None = None
    whole: bool = True


def of_party(party: Party, whole: bool) -> Typed:
    """``whole``: numbers may be seen, and so rewritten."""
    texts = {name: getattr(party, name) or "" for name in TEXTS}
    if party.kind == "person" and not (party.first_name or party.last_name):
        texts["last_name"] = party.name
    rows = {name: [_row(one, inputs) for one in getattr(party, name)] for name, inputs in ROWS.items()}
    return Typed(
        texts=texts,
        checks=frozenset(name for name in CHECKS if getattr(party, name)),
        rows=rows if whole else {**rows, "numbers": []},
        roles=tuple(role for role in party.roles if role in ROLES),
        other_roles="، ".join(role for role in party.roles if role not in ROLES),
        tags="، ".join(party.tags),
        fields=dict(party.fields),
        version=party.version,
        whole=whole,
    )


def of_query(query: Mapping[str, str]) -> Typed:
    """A new form, with what an address already says (the number of a call)."""
    texts = {name: query.get(name, "")[:200] for name in TEXTS}
    if not (texts["first_name"] or texts["last_name"]):
        texts["first_name"], _, texts["last_name"] = texts["name"].strip().partition(" ")
    rows: dict[str, list[Row]] = {name: [] for name in ROWS}
    if number := query.get("number", "")[:64]:
        rows["numbers"].append({"raw": number, "kind": "", "extension": "", "label": ""})
    if address := query.get("mail", "")[:200]:
        rows["mails"].append({"address": address, "kind": "work"})
    return Typed(texts, frozenset(), rows, (), "", query.get("tags", "")[:200], {})


def of_form(form: MultiDictProxy[Any], defined: Sequence[FieldDef]) -> Typed:
    """What was sent, as it was typed."""
    version = _text(form, "version")
    return Typed(
        texts={name: _text(form, name) for name in TEXTS},
        checks=frozenset(name for name in CHECKS if name in form),
        rows={name: _rows(form, name, inputs) for name, inputs in ROWS.items()},
        roles=tuple(str(role) for role in form.getall("role", []) if role in ROLES),
        other_roles=_text(form, "other_roles"),
        tags=_text(form, "tags"),
        fields={one.name: _field(form, one) for one in defined if FIELD + one.name in form},
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None,
        whole="numbers" in form.getall("part", []),
    )


def with_row(typed: Typed, name: str) -> Typed:
    """One more empty row: for who has no script."""
    if name not in ROWS:
        return typed
    rows = {**typed.rows, name: [*typed.rows[name], dict.fromkeys(ROWS[name], "")]}
    return msgspec.structs.replace(typed, rows=rows)


def draft_of(typed: Typed, kind: PartyKind) -> Draft:
    """What the form says."""
    texts = typed.texts
    mine = COMPANY if kind == "company" else PERSON
    plain: dict[str, Any] = {name: texts[name] for name in (*mine, *BOTH)}
    rows = typed.rows
    return Draft(
        **plain,
        owner=texts["owner"] or None,
        team=texts["team"] or None,
        do_not_call="do_not_call" in typed.checks,
        do_not_sms="do_not_sms" in typed.checks,
        numbers=tuple(DraftNumber(**row) for row in rows["numbers"]) if typed.whole else UNSET,
        mails=tuple(PartyMail(**row) for row in rows["mails"]),
        addresses=tuple(PartyAddress(**row) for row in rows["addresses"]),
        links=tuple(PartyLink(**row) for row in rows["links"]),
        roles=(*typed.roles, *split(typed.other_roles)),
        tags=tuple(split(typed.tags)),
        fields=typed.fields,
    )


def split(text: str) -> list[str]:
    """What stands between commas, Persian ones too."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def _row(part: Any, inputs: Sequence[str]) -> Row:
    return {name: getattr(part, name) or "" for name in inputs}


def _rows(form: MultiDictProxy[Any], name: str, inputs: Sequence[str]) -> list[Row]:
    columns = {one: [str(value) for value in form.getall(f"{name}.{one}", [])][:MOST_ROWS] for one in inputs}
    length = len(columns[inputs[0]])
    rows = [{one: (values[n] if n < len(values) else "") for one, values in columns.items()} for n in range(length)]
    return [row for row in rows if any(value for one, value in row.items() if one != "kind")]


def _text(form: MultiDictProxy[Any], name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _field(form: MultiDictProxy[Any], one: FieldDef) -> Any:
    values = [value for value in form.getall(FIELD + one.name) if isinstance(value, str)]
    if one.type == "choices":
        return [value for value in values if value]
    return values[0] if values else ""
