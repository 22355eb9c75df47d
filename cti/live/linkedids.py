"""Order of linkedids: ``[systemname-]epoch.counter``, as Asterisk makes unique ids (channel_internal_api.c)."""

from __future__ import annotations

_LONGEST = 15
"""Digits of a second or a counter; more is no id that Asterisk made."""


def age(linkedid: str) -> tuple[float, int, str]:
    """Sort key: the second of creation, then the counter. An id of another shape sorts last, by its text."""
    stamp, _, counter = linkedid.rpartition(".")
    second = stamp.rpartition("-")[2]
    if not (_number(second) and _number(counter)):
        return (float("inf"), 0, linkedid)
    return (float(second), int(counter), linkedid)


def _number(text: str) -> bool:
    return len(text) <= _LONGEST and text.isascii() and text.isdigit()


def older(a: str, b: str) -> bool:
    """True if ``a`` was made before ``b`` (or is the same)."""
    return age(a) <= age(b)


def created(linkedid: str) -> float | None:
    """Epoch second of creation, or None where the id does not tell."""
    stamp = age(linkedid)[0]
    return None if stamp == float("inf") else stamp
