"""Telephone numbers: what the PBX gives and what people type, made E.164 where that can be known.

One normaliser for all that comes in. The raw text is always kept beside the result. An extension
never becomes E.164, a withheld caller never has a number. Iran's traps are those of ``docs/numbers.md``.

Neighbours: ``cti.live.profile`` knows the site's area code and what its trunks do to numbers; contacts are found by
``match_key``.
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from cti.kernel.persian import latin_digits

__all__ = ["e164", "latin_digits", "match_key", "split_extension", "tail", "withheld"]

WITHHELD = frozenset(
    (
        "", "-", "s", "anonymous", "anonymous.invalid", "asterisk", "blocked", "no number", "private", "restricted",
        "unavailable", "unknown", "<unknown>", "withheld",
    )
)  # fmt: skip
"""``s`` and ``asterisk`` stand in the place of a caller's number where the PBX had none to put there."""
_NUMBER = re.compile(r"\+?[0-9\s().\-/]+")
_SCHEME = re.compile(r"^\s*(?:sips?|tel):", re.IGNORECASE)
_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]")  # direction, copied along with a number
_SHORTEST_OUTSIDE = 7
"""Fewer digits than this are an extension or a service code, never a subscriber."""
_LONGEST_RAW = 64
"""More characters than this are no number (E.164 has 15 digits), and not worth remembering."""
_LONGEST_KEY = 20
_TAIL = 8
"""Digits of a subscriber's number within an Iranian area."""
_TRUNK_ZERO = re.compile(r"0+98(\d{10})")
"""A national number to which some gateways put both the trunk's 0 and the country code: phonenumbers reads 098…"""
_IRANIAN = re.compile(r"\+98(?:9\d{9}|(?:1[137]|2[1-8]|3[1458]|4[145]|5[1468]|6[16]|7[1467]|8[13467])[2-9]\d{7})")
"""Mobile, or area code and subscriber. phonenumbers lacks ranges that are in use (0941, 09980…)."""
_SMS_LINE = re.compile(r"(?!9\d{9}$)(?:1000|2000|3000|5000|9000)\d{2,}")
"""Lines that send SMS: of any length, written without area code, in no range of E.164. (Ten digits that begin with 9
are a mobile number that lost its 0.)"""
_ABROAD = re.compile(r"\+98|0098|98")
_EXTENSION = re.compile(
    r"^(.*?\d)\s*(?:;ext=|[,;#x]|ext\.?|int\.?|داخلی|داخلي|دا?خ\.?)\s*:?\s*(\d{1,6})\s*$", re.IGNORECASE
)


def withheld(raw: str) -> bool:
    """True if the caller kept the number back, however this PBX says so."""
    return raw.strip().lower() in WITHHELD


def e164(raw: str, region: str, area_code: str = "", outside_prefix: str = "") -> str | None:
    """``raw`` as E.164, or None where it is no subscriber's number.

    ``area_code`` (``021``) completes a local number; ``outside_prefix`` (``9``) is dropped where it leads one.
    """
    if region == "IR" and (full := _iranian(raw)) is not None:
        return full
    return _e164(raw, region, area_code, outside_prefix) if len(raw) <= _LONGEST_RAW else None


def _iranian(raw: str) -> str | None:
    """A plain Iranian number in one of the three usual writings: what ``_e164`` makes of it too, a hundred times
    slower (lists of contacts hold hardly anything else)."""
    if not raw.isascii():
        return None
    if len(raw) == 11 and raw[0] == "0":
        full = "+98" + raw[1:]
    elif len(raw) == 10 and raw[0] == "9" and raw[1:3] != "98":  # that may lack the zero, or the plus
        full = "+98" + raw
    else:
        full = raw
    return full if _IRANIAN.fullmatch(full) else None


def match_key(raw: str, e164: str | None) -> str | None:
    """What two writings of one number have in common: its E.164, else its digits; None for whoever can be nobody's
    subscriber (withheld, an extension, a service code, a name)."""
    return e164 or (_digits_key(raw) if len(raw) <= _LONGEST_RAW else None)


def tail(key: str) -> str:
    """The end of a ``match_key``: what a fixed number has in common with its local form."""
    return key[-_TAIL:]


def split_extension(text: str) -> tuple[str, str]:
    """A number as people write it, and the extension behind it (``021-88664523 داخلی 12``), empty if there is none."""
    found = _EXTENSION.match(latin_digits(text)) if len(text) <= _LONGEST_RAW else None
    if found is None or sum(c.isdigit() for c in found[1]) < _SHORTEST_OUTSIDE:
        return text, ""
    return text[: found.end(1)].strip(), found[2]


def _bare(raw: str) -> str:
    """The number alone: Latin digits, without what is around it in a SIP address. Empty if it is none."""
    text = _MARKS.sub("", latin_digits(raw))
    text = _SCHEME.sub("", text).partition("@")[0].partition(";")[0].strip()
    return text if _NUMBER.fullmatch(text) else ""


@lru_cache(maxsize=16384)
def _digits_key(raw: str) -> str | None:
    text = _bare(raw)
    digits = "".join(c for c in text if c.isdigit())
    abroad = _ABROAD.match("+" + digits if text.startswith("+") else digits)
    if abroad is not None and _SMS_LINE.fullmatch(inner := digits[len(abroad[0].lstrip("+")) :]):
        digits = inner
    return digits if _SHORTEST_OUTSIDE <= len(digits) <= _LONGEST_KEY and digits.strip("0") else None


@lru_cache(maxsize=16384)
def _e164(raw: str, region: str, area_code: str, outside_prefix: str) -> str | None:
    text = _bare(raw)
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) < _SHORTEST_OUTSIDE or (_SMS_LINE.fullmatch(digits) and len(digits) != _TAIL):
        return None
    for candidate in _candidates(text.startswith("+"), digits, region, area_code, outside_prefix):
        found = _subscriber(candidate, region)
        if found is not None:
            return found
    return None


def _candidates(plus: bool, digits: str, region: str, area_code: str, outside_prefix: str) -> list[str]:
    """What the digits may stand for, likeliest first."""
    if plus:
        return ["+" + digits]
    local = area_code + digits if region != "IR" or digits[0] in "23456789" else digits
    candidates = [digits, local, "+" + digits]
    if outside_prefix and digits.startswith(outside_prefix):
        inner = digits[len(outside_prefix) :]
        candidates = [inner, area_code + inner, *candidates]
    if region == "IR" and (both := _TRUNK_ZERO.fullmatch(digits)):
        candidates.insert(0, "+98" + both[1])
    return candidates


def _subscriber(text: str, region: str) -> str | None:
    """A number that somebody can have: one of a known range, or one of ours in a range that is not known yet."""
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.is_valid_number(parsed):
        return number
    ours = parsed.country_code == 98 and _IRANIAN.fullmatch(number) and phonenumbers.is_possible_number(parsed)
    return number if ours else None
