"""Which column is what: by what it is called, and where that says nothing by what it holds. Pure.

A column of 09… is a mobile whatever it is called. A mapping that was used for the same headers before comes first;
``service`` remembers those.

Neighbours: ``columns`` has the names, ``worker`` guesses when it looks into a file.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

from crm_core.exchange.columns import BY_NAME, FIELD, IGNORE, known_header, plain
from crm_core.fields.model import FieldDef
from cti.kernel.persian import latin_digits

ENOUGH = 0.6
"""The share of a column's filled cells that have to look like something for it to be that."""

_MOBILE = re.compile(r"(?:\+|00)?(?:98)?0?9\d{9}")
_PHONE = re.compile(r"(?:\+|00)?\d{7,15}")
_MAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+")
_WEB = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_DATE = re.compile(r"(1[23]\d\d|19\d\d|20\d\d)[-/.]\d{1,2}[-/.]\d{1,2}(?: .*)?")
_NAME = re.compile(r"[^\W\d_]+(?:[\s\u200c.\-']+[^\W\d_]+){1,4}")


def mapping_of(
    headers: Sequence[str], samples: Sequence[Sequence[str]], fields: Sequence[FieldDef] = ()
) -> tuple[str, ...]:
    """A target for each column. ``samples``: the first rows. What takes one column alone gets the first."""
    own = {plain(word): FIELD + one.name for one in fields for word in (one.name, one.fa, one.en) if word}
    mapping = [own.get(plain(header)) or known_header(header) for header in headers]
    mapping = [
        "" if target and target.startswith(FIELD) and target not in own.values() else target for target in mapping
    ]
    mapping = _settle_names(mapping)
    for n, target in enumerate(mapping):
        told = _by_content([row[n] for row in samples if n < len(row) and row[n]])
        if target is None or (target == "first_name" and told in ("number:mobile", "mail")):
            mapping[n] = told
    if not any(target in ("name", "first_name", "last_name") for target in mapping):
        _find_name(mapping, headers, samples)
    return _once(mapping)


def fingerprint(headers: Sequence[str]) -> str:
    """The same headers, in whatever spelling, have the same; by it a mapping is remembered."""
    return hashlib.sha256("\x1f".join(map(plain, headers)).encode()).hexdigest()


def check_target(name: str, fields: Sequence[FieldDef]) -> bool:
    """True for a target that there is."""
    return name in (IGNORE, *BY_NAME) or any(name == FIELD + one.name for one in fields)


def _settle_names(mapping: list[str | None]) -> list[str | None]:
    """«نام» is the first name beside a last name, and the whole name where it stands alone."""
    if "last_name" not in mapping and "name" not in mapping and mapping.count("first_name") == 1:
        return ["name" if target == "first_name" else target for target in mapping]
    return mapping


def _digits(text: str) -> str:
    return re.sub(r"[\s().\-]", "", latin_digits(text).removesuffix(".0"))


_LOOKS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("mail", lambda text: _MAIL.fullmatch(text) is not None),
    ("number:mobile", lambda text: _MOBILE.fullmatch(_digits(text)) is not None),
    ("birth_date", lambda text: _DATE.fullmatch(latin_digits(text)) is not None),
    ("national_id", lambda text: is_national_id(_digits(text))),
    ("number", lambda text: _PHONE.fullmatch(_digits(text)) is not None and not _digits(text).startswith("1")),
    ("link:website", lambda text: _WEB.fullmatch(text) is not None),
)


def _by_content(cells: Sequence[str]) -> str:
    """What most of the cells look like; ``IGNORE`` if nothing known. A date alone may be any date: not guessed."""
    for target, looks in _LOOKS:
        if cells and sum(map(looks, cells)) >= len(cells) * ENOUGH:
            return IGNORE if target == "birth_date" else target
    return IGNORE


def is_national_id(digits: str) -> bool:
    """True if the check digit of an Iranian national ID (10 digits) is right."""
    if len(digits) != 10 or not digits.isascii() or not digits.isdigit() or len(set(digits)) == 1:
        return False
    rest = sum(int(digit) * (10 - n) for n, digit in enumerate(digits[:9])) % 11
    return int(digits[9]) == (rest if rest < 2 else 11 - rest)


def _find_name(mapping: list[str | None], headers: Sequence[str], samples: Sequence[Sequence[str]]) -> None:
    """Without a column of names, the first of which most cells are several words is taken."""
    for n, target in enumerate(mapping):
        cells = [row[n] for row in samples if n < len(row) and row[n]]
        named = known_header(headers[n]) is not None if n < len(headers) else False
        if not target and not named and cells and sum(map(_is_name, cells)) >= len(cells) * ENOUGH:
            mapping[n] = "name"
            return


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _once(mapping: Sequence[str | None]) -> tuple[str, ...]:
    taken: set[str] = set()
    settled = []
    for target in mapping:
        one = target or IGNORE
        many = one in BY_NAME and BY_NAME[one].many
        settled.append(IGNORE if one in taken and not many else one)
        taken.add(one)
    return tuple(settled)
