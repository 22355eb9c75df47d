"""Contacts as rows of a file: the columns are those that an import knows, so what goes out can come in again. Pure.

Numbers stay text: in CSV they are written with blanks, or a spreadsheet would make numbers of them and eat their zero.

Neighbours: ``cti.kernel.sheets`` writes CSV and XLSX, ``vcards`` vCard; ``service`` gives the contacts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from crm_core.contacts.model import Party, PartyNumber
from crm_core.exchange.columns import BY_NAME
from crm_core.fields.model import FieldDef
from cti.kernel.errors import N_
from cti.kernel.sheets import Cell, Moment

Say = Callable[[str], str]

PERSON, COMPANY = N_("Person"), N_("Company")
YES = N_("Yes")
_TEXTS = ("name", "first_name", "last_name", "honorific", "company_name", "position")
_NUMBERS = ("mobile", "work", "home", "fax", "other")
_LINKS = ("website", "telegram", "whatsapp", "instagram", "linkedin", "eitaa", "bale", "rubika")
_PLACE = ("city", "province", "postal_code", "country")
_LATER = (
    "roles",
    "tier",
    "tags",
    "national_id",
    "economic_code",
    "birth_date",
    "language",
    "source",
    "do_not_call",
    "do_not_sms",
)
TIMES = (N_("Created"), N_("Last change"))
"""Columns that an import leaves out."""


def header(say: Say, language: str, fields: Sequence[FieldDef]) -> list[str]:
    names = (
        "kind", *_TEXTS, *(f"number:{kind}" for kind in _NUMBERS), "mail", *(f"link:{kind}" for kind in _LINKS),
        "link:other", "address", *_PLACE, *_LATER,
    )  # fmt: skip
    return [*(say(BY_NAME[name].label) for name in names), *(one.label(language) for one in fields), *map(say, TIMES)]


def row(party: Party, say: Say, language: str, fields: Sequence[FieldDef], *, spaced: bool) -> list[Cell]:
    """``spaced``: numbers with blanks, for a file in which nothing else says that they are text."""
    first = party.addresses[0] if party.addresses else None
    return [
        say(COMPANY if party.kind == "company" else PERSON),
        *(getattr(party, name) for name in _TEXTS),
        *(_joined(_number(one, spaced) for one in party.numbers if _kind(one) == kind) for kind in _NUMBERS),
        _joined(mail.address for mail in party.mails),
        *("\n".join(link.value for link in party.links if link.kind == kind) for kind in _LINKS),
        "\n".join(link.value for link in party.links if link.kind not in _LINKS),
        "\n".join(one.text.replace("\n", " ") for one in party.addresses if one.text),
        *((getattr(first, name) if first else "") for name in _PLACE),
        *(_later(party, name, say) for name in _LATER),
        *(_field(one, party.fields.get(one.name), language, say) for one in fields),
        Moment(party.created_at),
        Moment(party.changed_at),
    ]


def _joined(parts: Any) -> str:
    return "; ".join(parts)


def _kind(number: PartyNumber) -> str:
    return number.kind if number.kind in _NUMBERS else "other"


def _number(one: PartyNumber, spaced: bool) -> str:
    text = _national(one.e164, spaced) if one.e164 else one.raw
    if one.extension:
        text += f" ext {one.extension}"
    return f"{text} ({one.label})" if one.label and not one.extension else text


def _national(e164: str, spaced: bool) -> str:
    """As it is dialled here: ``09121234567``, spaced ``0912 123 4567``; a foreign one stays E.164."""
    if not e164.startswith("+98") or len(e164) != 13:
        return e164
    plain = "0" + e164[3:]
    if not spaced:
        return plain
    return f"{plain[:4]} {plain[4:7]} {plain[7:]}" if plain[1] == "9" else f"{plain[:3]} {plain[3:7]} {plain[7:]}"


def _later(party: Party, name: str, say: Say) -> Cell:
    value = getattr(party, name)
    if name in ("roles", "tags"):
        return _joined(value)
    if isinstance(value, bool):
        return say(YES) if value else ""
    return _date(value) if name == "birth_date" and value else value


def _date(text: str) -> Cell:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return text


def _field(one: FieldDef, value: Any, language: str, say: Say) -> Cell:
    if value is None:
        return None
    if one.type in ("choice", "choices"):
        some = value if isinstance(value, list) else [value]
        return _joined((found.label(language) if (found := one.choice(part)) else str(part)) for part in some)
    if isinstance(value, bool):
        return say(YES) if value else say(N_("No"))
    return _date(value) if one.type == "date" else value
