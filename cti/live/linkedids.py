"""Order of linkedids: ``[systemname-]epoch.counter``, as Asterisk makes unique ids (channel_internal_api.c)."""

from __future__ import annotations


def age(linkedid: str) -> tuple[float, int, str]:
    """Sort key: the second of creation, then the counter. An id of another shape sorts last, by its text."""
    stamp, _, counter = linkedid.rpartition(".")
    try:
        return (float(stamp.rpartition("-")[2]), int(counter), linkedid)
    except ValueError:
        return (float("inf"), 0, linkedid)


def older(a: str, b: str) -> bool:
    """True if ``a`` was made before ``b`` (or is the same)."""
    return age(a) <= age(b)


def created(linkedid: str) -> float | None:
    """Epoch second of creation, or None where the id does not tell."""
    stamp = age(linkedid)[0]
    return None if stamp == float("inf") else stamp
