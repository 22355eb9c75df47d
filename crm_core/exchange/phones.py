"""The numbers in a cell, as people and spreadsheets leave them there. Pure.

Several in one cell, words beside them, Persian digits, an extension behind; and what Excel does: ``9121234567`` without
its zero, ``9121234567.0``, ``9.12E+09`` whose digits are lost for good.

Neighbours: ``convert`` asks; ``crm_core.contacts.draft`` makes each number comparable.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from crm_core.contacts.model import DraftNumber
from cti.kernel.errors import N_, InvalidError
from cti.kernel.persian import latin_digits
from cti.live.numbers import split_extension

FEWEST, MOST = 3, 20
"""Digits of a number: fewer are no extension, more are two numbers or none."""
_SIGNIFICANT = 7
"""Excel shows no more digits of a number than six when it writes it with an exponent."""

_PLAIN = re.compile(r"\+?\d{3,15}")
_EXPONENT = re.compile(r"(\d(?:\.\d+)?)[eE]\+?(\d{1,2})")
_BETWEEN = re.compile(r"[\n;؛،,|]+|\s+و\s+|\s*/\s*(?=\+?[\d(]{4,})")
_RUN = re.compile(r"\+?\(?\d[\d\s().\-]*\d")
_PUNCTUATION = " \t()[]{}:.-–_/\\،,\"'«»*"


def phones_of(text: str, kind: str = "") -> list[DraftNumber]:
    """Each number in ``text``; none for an empty one. Raises ``InvalidError`` for what holds no usable number."""
    if _PLAIN.fullmatch(text) and text.isascii():
        return [DraftNumber(text, kind)]
    plain = whole(latin_digits(text))
    return [one for part in _BETWEEN.split(plain) if part.strip() for one in _of_part(part.strip(), kind)]


def whole(text: str) -> str:
    """A number that a spreadsheet has made a decimal, as it was. Raises ``InvalidError`` where digits are lost."""
    found = _EXPONENT.fullmatch(text.replace("٫", ".").strip())
    if found is None:
        bare = text.strip()
        return bare[:-2] if bare.endswith(".0") and bare[:-2].isdigit() else text
    digits = len(found[1].replace(".", ""))
    if digits <= int(found[2]) and digits <= _SIGNIFICANT:
        raise InvalidError(
            N_("«%(number)s» has lost its digits in the spreadsheet; format the column as text and fill it in again."),
            number=text[:40],
        )
    try:
        return str(int(Decimal(found[0])))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise InvalidError(N_("«%(number)s» is no phone number."), number=text[:40]) from error


def _of_part(part: str, kind: str) -> list[DraftNumber]:
    number, extension = split_extension(part)
    runs = [run.group() for run in _RUN.finditer(number)]
    if not runs and not any(letter.isdigit() for letter in number):
        raise InvalidError(N_("«%(number)s» is no phone number: it has no digits."), number=part[:40])
    label = _RUN.sub(" ", number).strip(_PUNCTUATION) if runs else ""
    found = [one for run in runs or [number] for one in _apart(run.strip())]
    return [_checked(one, kind, extension, " ".join(label.split())[:100]) for one in found]


def _count(text: str) -> int:
    return sum(letter.isdigit() for letter in text)


def _apart(run: str) -> list[str]:
    """Two numbers that are joined by a dash or a blank are too long for one."""
    if _count(run) <= 15:
        return [run]
    for separator in (" - ", "-", " "):
        pieces = [piece.strip() for piece in run.split(separator)]
        if len(pieces) > 1 and all(7 <= _count(piece) <= 15 for piece in pieces):
            return pieces
    return [run]


def _checked(number: str, kind: str, extension: str, label: str) -> DraftNumber:
    if not FEWEST <= _count(number) <= MOST or len(number) > 64:
        raise InvalidError(N_("«%(number)s» has too few or too many digits for a phone number."), number=number[:40])
    return DraftNumber(number, kind, extension, label)
