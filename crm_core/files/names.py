"""What a file may be called: one line of printable text, no path, no trick. Pure."""

from __future__ import annotations

import re
import unicodedata

LONGEST_NAME = 150
LONGEST_ENDING = 12
NAMELESS = "file"
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
_JOINERS = "\u200c"  # Persian needs it
_RESERVED = re.compile(r'[<>:"|?*\\/]')  # what Windows does not take


def cleaned(name: str) -> str:
    """``name`` without the folders before it, without letters that cannot be seen or that turn the reading direction
    (``gpj.exe`` written backwards), not endless, and never empty."""
    last = re.split(r"[/\\]", name[:4096].replace("\0", ""))[-1]
    seen = "".join(c for c in last if c in _JOINERS or unicodedata.category(c) not in _HIDDEN)
    plain = " ".join(_RESERVED.sub("_", seen).split()).strip(". ")
    if len(plain) > LONGEST_NAME:
        body, dot, ending = plain.rpartition(".")
        short = dot and 0 < len(ending) <= LONGEST_ENDING
        plain = f"{body[: LONGEST_NAME - len(ending) - 1]}.{ending}" if short else plain[:LONGEST_NAME]
    return plain or NAMELESS
