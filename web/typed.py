"""What a form brought, as text: single values, lists, and ticks; never more than a form of ours can hold.

Neighbours: ``templates/forms.html`` makes the fields, the services judge what was typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from multidict import MultiDictProxy

LONGEST = 100_000
"""Letters of one value that are looked at, so that a refused form does not send back megabytes."""


class Typed:
    """A form as it came."""

    def __init__(self, form: MultiDictProxy[Any]) -> None:
        self._form = form

    @classmethod
    async def of(cls, request: web.Request) -> Typed:
        return cls(await request.post())

    def text(self, name: str, default: str = "") -> str:
        """One value; a file is none."""
        value = self._form.get(name, default)
        return value[:LONGEST] if isinstance(value, str) else default

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that name, without empty ones."""
        return tuple(v[:LONGEST] for v in self._form.getall(name, ()) if isinstance(v, str) and v.strip())

    def __contains__(self, name: str) -> bool:
        return name in self._form

    def number(self, name: str) -> int | None:
        """A whole number; None if it is none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def options(values: Sequence[str], chosen: Sequence[str]) -> list[tuple[str, str, str]]:
    """Values as options of themselves, and those that were chosen but are not offered at the end."""
    return [(value, value, "") for value in dict.fromkeys((*values, *chosen))]
