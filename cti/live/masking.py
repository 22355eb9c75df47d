"""Numbers for eyes that may not see them whole (who lacks ``numbers.view``): ``0912 ••• 6789``.

Enough stays to tell two callers apart, and the middle is gone. Extensions and service codes are no secrets and stay.
Whoever masks gives the number as people write it, so that its grouping stays too. Neighbours: ``call_log.service`` and
``crm_core.contacts`` mask what they answer, ``screenpop.feed`` what it pushes.
"""

from __future__ import annotations

import re
from functools import lru_cache

DOT = "•"
FEWEST_DIGITS = 7
"""Fewer are an extension or a service code."""
_LONG = 10
_RUN = re.compile(r"\+?\d(?:[\s().\-/\u200c-\u200f\u202a-\u202e\u2066-\u2069]*\d){6,}")


@lru_cache(maxsize=16384)
def mask(written: str) -> str:
    """A number as it is written, without the digits in its middle; the same if it has too few to be a subscriber's."""
    places = [at for at, letter in enumerate(written) if letter.isdigit()]
    if len(places) < FEWEST_DIGITS:
        return written
    tail = 4 if len(places) >= _LONG else 2
    head = min(4, len(places) - tail - 3) if len(places) >= _LONG else len(places) - tail - 4
    hidden = set(places[head : len(places) - tail])
    return "".join(DOT if at in hidden else letter for at, letter in enumerate(written))


@lru_cache(maxsize=16384)
def mask_in(text: str) -> str:
    """A text (a name, a note, a file's name) with every number in it masked."""
    return _RUN.sub(lambda found: mask(found.group()), text)
