"""The ten types of fields: what each takes, how it is kept, and how it is found again. Pure.

A value comes from a form or a file as text, from the API typed; both become the same. Digits may be Persian, dates
Jalali. Kept are texts, whole numbers, numbers, truth values and lists of texts: what JSON knows.

Neighbours: ``service`` checks with it, ``crm_core.contacts`` keeps ``found_by`` in an index.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

import jdatetime

from crm_core.fields.model import FieldDef, FieldType
from cti.kernel.errors import N_, InvalidError
from cti.live.numbers import latin_digits

LONGEST_TEXT = 500
LONGEST_AREA = 10_000
LARGEST = 10**15
"""Beyond it a number is a mistake, and would not survive the way through JSON and floats."""
_SEPARATORS = str.maketrans({"٬": "", ",": "", "،": "", "_": "", " ": "", "\u00a0": "", "٫": ".", "−": "-"})
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_YES = frozenset(("1", "true", "yes", "y", "on", "بله", "بلی", "آری", "هست", "دارد"))
_NO = frozenset(("0", "false", "no", "n", "off", "خیر", "نه", "نیست", "ندارد"))

Found = tuple[tuple[str | None, float | None], ...]
"""By what a value is found: (text, number) rows of the index."""


@dataclass(frozen=True)
class Kind:
    """``read`` makes what is kept of what came in; ``found_by`` the rows of the index; ``ops``: how it is filtered."""

    read: Callable[[FieldDef, Any], Any]
    found_by: Callable[[Any], Found]
    ops: tuple[str, ...]
    title: str


def _wrong(field: FieldDef, text: str, **values: object) -> InvalidError:
    return InvalidError(text, field=field.label("fa"), **values)


def _text(longest: int) -> Callable[[FieldDef, Any], str]:
    def read(field: FieldDef, value: Any) -> str:
        text = _CONTROL.sub(" ", str(value)).strip()
        if len(text) > longest:
            raise _wrong(field, N_("%(field)s: at most %(count)s characters."), count=longest)
        return text

    return read


def _number(field: FieldDef, value: Any) -> Decimal:
    try:
        if isinstance(value, bool):
            raise InvalidOperation
        number = Decimal(latin_digits(str(value)).strip().translate(_SEPARATORS))
    except InvalidOperation:
        raise _wrong(field, N_("%(field)s: write a number, such as 1250.")) from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise _wrong(field, N_("%(field)s: that number is too large."))
    return number


def _integer(field: FieldDef, value: Any) -> int:
    number = _number(field, value)
    if number != number.to_integral_value():
        raise _wrong(field, N_("%(field)s: write a whole number."))
    return int(number)


def _decimal(field: FieldDef, value: Any) -> float:
    return float(_number(field, value))


def _date(field: FieldDef, value: Any) -> str:
    """ISO date. A year before 1700 is a Jalali one (1405/09/01): no customer is that old."""
    match = _DATE.fullmatch(latin_digits(str(value)).strip())
    try:
        if match is None:
            raise ValueError
        year, month, day = map(int, match.groups())
        date = jdatetime.date(year, month, day).togregorian() if year < 1700 else dt.date(year, month, day)
    except ValueError:
        raise _wrong(field, N_("%(field)s: write a date, such as 1405/09/01 or 2026-11-22.")) from None
    return str(date.isoformat())


def _yesno(field: FieldDef, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _YES or word in _NO:
        return word in _YES
    raise _wrong(field, N_("%(field)s: yes or no."))


def _choice(field: FieldDef, value: Any) -> str:
    """By its value, or by what it is called in either language (as in a file)."""
    text = str(value).strip()
    for one in field.choices:
        if text in (one.value, one.fa, one.en):
            return one.value
    raise _wrong(
        field, N_("%(field)s: choose one of %(choices)s."), choices="، ".join(one.label("fa") for one in field.choices)
    )


def _choices(field: FieldDef, value: Any) -> list[str]:
    parts = value if isinstance(value, (list, tuple)) else re.split("[;,،؛|\n]", str(value))
    chosen = {_choice(field, part) for part in parts if str(part).strip()}
    return [one.value for one in field.choices if one.value in chosen]


def _link(field: FieldDef, value: Any) -> str:
    text = _text(2_000)(field, value)
    text = text if "://" in text else f"https://{text}"
    try:
        address = urlsplit(text)
        good = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        good = False
    if not good or any(c.isspace() for c in text):
        raise _wrong(field, N_("%(field)s: write a web address, such as https://example.com."))
    return text


def _by_text(value: str) -> Found:
    return ((latin_digits(value).casefold()[:200], None),)


def _by_number(value: float) -> Found:
    return ((None, float(value)),)


def _by_each(value: list[str]) -> Found:
    return tuple((one, None) for one in value)


_WORDS = ("contains", "is", "empty")
_SIZES = ("is", "least", "most", "empty")
KINDS: dict[FieldType, Kind] = {
    "text": Kind(_text(LONGEST_TEXT), _by_text, _WORDS, N_("Text")),
    "area": Kind(_text(LONGEST_AREA), _by_text, ("contains", "empty"), N_("Long text")),
    "integer": Kind(_integer, _by_number, _SIZES, N_("Whole number")),
    "decimal": Kind(_decimal, _by_number, _SIZES, N_("Number")),
    "money": Kind(_integer, _by_number, _SIZES, N_("Amount in rial")),
    "date": Kind(_date, lambda value: ((value, None),), _SIZES, N_("Date")),
    "yesno": Kind(_yesno, lambda value: ((None, float(value)),), ("is", "empty"), N_("Yes or no")),
    "choice": Kind(_choice, lambda value: ((value, None),), ("is", "empty"), N_("One of a list")),
    "choices": Kind(_choices, _by_each, ("is", "empty"), N_("Several of a list")),
    "link": Kind(_link, _by_text, _WORDS, N_("Web address")),
}


def blank(value: Any) -> bool:
    """True for what says nothing: a field left empty."""
    return value is None or value == [] or value == () or (isinstance(value, str) and not value.strip())


def read(field: FieldDef, value: Any) -> Any:
    """What is kept of ``value``; None for an empty one. Raises ``InvalidError`` that names the field."""
    if blank(value):
        return None
    if field.type != "choices" and isinstance(value, (list, tuple, dict)):
        raise _wrong(field, N_("%(field)s: one value, not a list."))
    kept = KINDS[field.type].read(field, value)
    return None if blank(kept) else kept


def found_by(field: FieldDef, kept: Any) -> Found:
    """The rows of the index for a value that is kept."""
    return () if kept is None else KINDS[field.type].found_by(kept)


def criterion(field: FieldDef, op: str, value: str) -> tuple[str | None, float | None]:
    """What the index is compared with, as (text, number). Raises ``InvalidError`` for an ``op`` the type has not."""
    if op not in KINDS[field.type].ops:
        raise _wrong(field, N_("%(field)s: it cannot be filtered by «%(op)s»."), op=op[:40])
    if op == "empty":
        return None, None
    if op == "contains":
        return latin_digits(value).strip().casefold()[:200], None
    kept = read(field, value)
    if kept is None:
        raise _wrong(field, N_("%(field)s: say by what to filter."))
    return found_by(field, kept)[0]
