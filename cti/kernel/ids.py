"""Identifiers: new ones that sort by age, and ones derived from what is already unique.

Both are safe in URLs, file names and SQL ``text`` columns.
"""

from __future__ import annotations

import os
import re

_UNSAFE = re.compile(r"[^A-Za-z0-9._~-]")


def new_id(at: float) -> str:
    """A new identifier (UUID version 7, RFC 9562): ones made later sort later. ``at`` is epoch seconds."""
    milliseconds = int(at * 1000) & ((1 << 48) - 1)
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 64 & 0xFFF) << 64 | 0x2 << 62 | random & ((1 << 62) - 1)
    return uuid_text(value)


def uuid_text(value: int) -> str:
    """The 128 bits as UUIDs are written (what ``str(uuid.UUID(int=value))`` does in three times the time)."""
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def derived_id(*parts: str) -> str:
    """The same parts always give the same identifier: ``("main", "1795308697.0")`` → ``main-1795308697.0``.

    Letters that would have to be escaped in a URL are written as ``~`` and their hexadecimal code.
    """
    return "-".join(_UNSAFE.sub(lambda m: f"~{ord(m.group()):x}", part) for part in parts)
