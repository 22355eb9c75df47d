"""What a form brought: texts, lists, ticks and numbers in any digits; never more than a form of ours can hold.

Neighbours: ``templates/forms.html`` makes the fields, the services judge what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec
from aiohttp import web
from multidict import MultiDictProxy

from cti.kernel.errors import InvalidError
from cti.kernel.persian import latin_digits

T = TypeVar("T")

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

    def texts(self) -> dict[str, str]:
        """Every field's first value, to fill a form that was refused."""
        return {name: self.text(name) for name in self._form}

    def number(self, name: str, wrong: str) -> int | None:
        """A whole number, in whatever digits; None for nothing. InvalidError(``wrong``) for anything else."""
        text = latin_digits(self.text(name)).strip()
        if text and (number := _number(text)) is None:
            raise InvalidError(wrong)
        return number if text else None

    def version(self, name: str = "version") -> int | None:
        """What the form was filled from, in a field of its own that nobody types in; None if it says nothing."""
        return _number(self.text(name))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def judged(values: Mapping[str, Any], kind: type[T], wrong: str) -> T:
    """What was typed as what it is to be. InvalidError(``wrong``) if it cannot be that."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise InvalidError(wrong) from error


def options(values: Sequence[str], chosen: Sequence[str]) -> list[tuple[str, str, str]]:
    """Values as options of themselves, and those that were chosen but are not offered at the end."""
    return [(value, value, "") for value in dict.fromkeys((*values, *chosen))]
