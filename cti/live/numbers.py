"""Telephone numbers: what the PBX gives, made E.164 where that can be known.

One normaliser for all that comes in. The raw text is always kept beside the result. An extension
never becomes E.164, a withheld caller never has a number.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

WITHHELD = frozenset(
    ("", "anonymous", "unavailable", "private", "restricted", "unknown", "<unknown>", "withheld", "blocked", "-")
)
_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_NUMBER = re.compile(r"\+?[0-9\s().\-/]+")
_SCHEME = re.compile(r"^\s*(?:sips?|tel):", re.IGNORECASE)
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")  # direction, copied along with a number
_SHORTEST_OUTSIDE = 7
"""Fewer digits than this are an extension or a service code, never a subscriber."""
_LONGEST_RAW = 64
"""More characters than this are no number (E.164 has 15 digits), and not worth remembering."""


def withheld(raw: str) -> bool:
    """True if the caller kept the number back, however this PBX says so."""
    return raw.strip().lower() in WITHHELD


def latin_digits(text: str) -> str:
    """Persian and Arabic digits as 0-9."""
    return text if text.isascii() else text.translate(_DIGITS)


def e164(raw: str, region: str, area_code: str = "", outside_prefix: str = "") -> str | None:
    """``raw`` as E.164, or None where it is no subscriber's number.

    ``area_code`` (``021``) completes a local number; ``outside_prefix`` (``9``) is dropped where it leads one.
    """
    return _e164(raw, region, area_code, outside_prefix) if len(raw) <= _LONGEST_RAW else None


@lru_cache(maxsize=16384)
def _e164(raw: str, region: str, area_code: str, outside_prefix: str) -> str | None:
    text = _MARKS.sub("", latin_digits(raw))
    text = _SCHEME.sub("", text).partition("@")[0].partition(";")[0].strip()
    if not _NUMBER.fullmatch(text):
        return None
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) < _SHORTEST_OUTSIDE:
        return None
    for candidate in _candidates(text.startswith("+"), digits, area_code, outside_prefix):
        found = _valid(candidate, region)
        if found is not None:
            return found
    return None


def _candidates(plus: bool, digits: str, area_code: str, outside_prefix: str) -> list[str]:
    """What the digits may stand for, likeliest first."""
    if plus:
        return ["+" + digits]
    candidates = [digits, area_code + digits, "+" + digits]
    if outside_prefix and digits.startswith(outside_prefix):
        inner = digits[len(outside_prefix) :]
        candidates = [inner, area_code + inner, *candidates]
    return candidates


def _valid(text: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
