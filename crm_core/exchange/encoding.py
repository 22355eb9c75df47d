"""In which encoding a text file is. Excel on Persian Windows writes windows-1256, and seldom says so.

A byte order mark decides; what is UTF-8 throughout is UTF-8; text with a zero in every other byte is UTF-16. Of the
rest, windows-1256 is what reads as Arabic letters; for anything else charset-normalizer is asked.

Neighbours: ``csv_file`` and ``vcard_file`` open their files by it.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from cti.kernel.errors import N_, InvalidError

SAMPLE = 262_144
_CHUNK = 1 << 20
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
OFFERED = ("utf-8", "windows-1256", "utf-16", "windows-1252", "iso-8859-6")
"""Encodings that a page offers to choose from."""
_DAMAGED_SHARE = 0.05
"""A UTF-8 file in which some letters were cut still reads; where this share of the others is broken, it is none."""


def encoding_of(path: Path) -> str:
    """The codec's name. A file that is UTF-8 but for a few broken letters is UTF-8."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    wide = _utf16(sample)
    if wide:
        return wide
    if _is_utf8(path):
        return "utf-8"
    return "utf-8" if _nearly_utf8(sample) else _single_byte(sample)


def checked(name: str) -> str:
    """A codec's name as somebody wrote it. Raises ``InvalidError`` for one that is no text encoding."""
    try:
        if not name.isascii() or len(name) > 40 or not codecs.lookup(name)._is_text_encoding:
            raise LookupError
    except LookupError:
        raise InvalidError(
            N_("There is no encoding «%(name)s»; UTF-8 and windows-1256 are usual."), name=name[:40]
        ) from None
    return name


def _utf16(sample: bytes) -> str:
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(0) > half * 0.3:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(0) > half * 0.3 else _persian_utf16(sample)


def _persian_utf16(sample: bytes) -> str:
    """Persian letters and blanks of UTF-16 have few zeros, but a 06 in every other byte."""
    half = max(len(sample) // 2, 1)
    if sample[1::2].count(6) > half * 0.4:
        return "utf-16-le"
    return "utf-16-be" if sample[::2].count(6) > half * 0.4 else ""


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _nearly_utf8(sample: bytes) -> bool:
    text = sample.decode("utf-8", "replace")
    others = sum(letter > "\x7f" for letter in text)
    return others > 0 and text.count("\ufffd") <= others * _DAMAGED_SHARE


def _single_byte(sample: bytes) -> str:
    text = sample.decode("windows-1256", "replace")
    others = [letter for letter in text if letter > "\x7f"]
    arabic = sum("\u0600" <= letter <= "\u06ff" or letter in "\u200c\u200d\u200e\u200f" for letter in others)
    if arabic >= len(others) * 0.8:
        return "windows-1256"
    found = from_bytes(sample[:65_536]).best()
    return found.encoding if found is not None else "windows-1252"
