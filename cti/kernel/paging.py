"""Lists in parts: a part ends with a cursor, from which the next begins, however much came in meanwhile.

A cursor is opaque to whoever asks: the values of the last item's sort key, as JSON in URL-safe base64.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Generic, TypeVar

import msgspec

from cti.kernel.errors import N_, InvalidError

T = TypeVar("T")
K = TypeVar("K")

LONGEST_CURSOR = 2000


class Page(msgspec.Struct, Generic[T], frozen=True):
    """Some items in order; ``next`` is the cursor of the page after, None on the last one."""

    items: tuple[T, ...]
    next: str | None


def write_cursor(*key: Any) -> str:
    """The cursor of the item with this sort key (texts and numbers)."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def read_cursor(cursor: str, kind: type[K]) -> K:
    """The sort key again, as ``kind`` (``tuple[float, str]``). InvalidError if it is none of ours."""
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError
        return msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=kind)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise InvalidError(N_("cursor: not one of ours; begin again at the first page.")) from error
