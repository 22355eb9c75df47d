"""What a kind of entry is: its name, its words, and the facts that its entries hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec


def unmasked(facts: Any) -> Any:
    """The facts as they are: there is no telephone number in them."""
    return facts


@dataclass(frozen=True)
class Kind:
    """``name`` is stored with each entry and stays what it is. ``label``: the filter's word, in English. ``icon``: its
    shape. ``facts``: the struct that an entry holds; what was stored by an older version must still fit it, so new
    fields have defaults. ``masked``: the facts for whoever may not see telephone numbers whole.
    """

    name: str
    label: str
    icon: str
    facts: type[msgspec.Struct]
    masked: Callable[[Any], Any] = unmasked
