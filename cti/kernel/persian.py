"""Persian text made comparable: one spelling for search and duplicates, one order for lists. Pure text, no telephony.

The same name is written in many ways: Arabic or Persian ي/ی and ك/ک, a half-space (ZWNJ), a space or nothing between
its parts, with or without vowel marks and titles. What people typed is kept as it is for showing; beside it are kept
keys made here. A query passes through the same function as the text that it looks for.

``fold`` is careful (what two readers would call the same text), ``joined`` forgets where words end, ``loose`` forgets
titles and the letters that people confuse. ``sort_key`` orders by the Persian alphabet.
Neighbours: ``crm_core.contacts.index`` keeps ``terms``, the lists of people are sorted by ``sort_key``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

ZWNJ = "\u200c"
DIGITS = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩"
TITLES = ("آقای", "خانم", "شرکت", "مهندس", "دکتر", "جناب", "سرکار", "mr", "mrs", "ms", "dr")
"""Words before a name that are no part of it; ``loose`` drops them."""
ALPHABET = "ءآابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
"""The Persian alphabet. Its order is not that of the code points: پ چ ژ گ and ک ی lie elsewhere, و is before ه."""

_NUMERALS = {ord(letter): str(n % 10) for n, letter in enumerate(DIGITS)}
_MARKS = (
    0x0640,  # tatweel
    *range(0x0610, 0x061B), *range(0x064B, 0x0660), 0x0670, *range(0x06D6, 0x06DD),  # vowels and reading marks
    0x061C, 0x200B, 0x200D, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF, 0x00AD,
    *range(0x09), *range(0x0E, 0x1C), 0x7F,  # control characters that are no space
)  # fmt: skip
_LETTERS = {
    "ی": "يىےێۍې",
    "ک": "كڪ",
    "ه": "ةۀەھہۂۃ",
    "ا": "أإٱ",
    "و": "ؤۆ",
}
_FOLD: dict[int, str | None] = {
    **dict.fromkeys(_MARKS),
    **{ord(letter): to for to, letters in _LETTERS.items() for letter in letters},
    **_NUMERALS,
}
_SPACED, _DROPPED = {**_FOLD, ord(ZWNJ): " "}, {**_FOLD, ord(ZWNJ): None}
_LOOSE = str.maketrans({"آ": "ا", "ئ": "ی", "ء": None})
_ACCENTED = re.compile("[\u00c0-\u024f]")
_WORD = re.compile(r"[^\W_]+")
_TITLES = frozenset(title.translate(_LOOSE) for title in TITLES)
_ORDER = {ord(letter): chr(ord(":") + n) for n, letter in enumerate(ALPHABET)}  # between the digits and a-z
_ORDER[ord("ئ")] = _ORDER[ord("ی")]


def latin_digits(text: str) -> str:
    """Persian and Arabic digits as 0-9; everything else as it was."""
    return text if text.isascii() else text.translate(_NUMERALS)


def fold(text: str) -> str:
    """The text in one spelling: NFKC, one letter for each that is written in several ways, Latin digits, no vowel or
    direction marks, half-spaces and all kinds of white space as one space, lower case.

    NFKC alone knows the presentation forms (ﻲ→ي) but leaves ي beside ی and ك beside ک.
    """
    return _spaced(text)


def joined(text: str) -> str:
    """``fold`` without any space: «علی‌رضا», «علی رضا» and «علیرضا» are then one."""
    return _dropped(text).replace(" ", "")


def loose(text: str) -> str:
    """What is left of a name when people are careless: ``fold`` without titles, punctuation, hamza and Latin accents,
    آ as ا and ئ as ی. A text of nothing but titles stays."""
    found = words(text)
    return " ".join([word for word in found if word not in _TITLES] or found)


def words(text: str) -> list[str]:
    """The words of a text in their loose spelling, titles among them."""
    return _WORD.findall(_loosened(_spaced(text)))


def untitled(found: list[str]) -> list[str]:
    """``words`` without titles; all of them if nothing else is there."""
    return [word for word in found if word not in _TITLES] or found


def terms(text: str) -> list[str]:
    """What a text is found by: its words, and each two neighbours as one word, so that who types «علیرضا» finds
    «علی رضا». (The other way round the one who asks joins: see ``crm_core.contacts.index``.)"""
    found = words(text)
    bare = untitled(found)
    return [*found, *(first + second for first, second in pairwise(bare))]


def sort_key(text: str) -> str:
    """A key whose order, code point by code point (SQLite's own, PostgreSQL's ``COLLATE "C"``), is that of the
    Persian alphabet: digits first, then Persian, then Latin, then other scripts. Spaces and signs separate words and
    come before everything; half-spaces do not count."""
    return " ".join(_WORD.findall(_dropped(text))).translate(_ORDER)


@lru_cache(maxsize=128)  # whoever asks for one key of a name asks for the others next
def _spaced(text: str) -> str:
    return _folded(text, _SPACED)


@lru_cache(maxsize=128)
def _dropped(text: str) -> str:
    return _folded(text, _DROPPED)


def _folded(text: str, table: dict[int, str | None]) -> str:
    if text.isascii() and text.isprintable():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFKC", text).translate(table).lower().split())


def _loosened(folded: str) -> str:
    if folded.isascii():
        return folded
    plain = folded.translate(_LOOSE)
    if _ACCENTED.search(plain):
        decomposed = unicodedata.normalize("NFKD", plain)
        bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
        return unicodedata.normalize("NFC", bare)
    return plain
