"""Forms, read: whatever is sent."""

from __future__ import annotations

from typing import Annotated

import msgspec
import pytest
from multidict import MultiDict, MultiDictProxy

from cti.kernel.errors import InvalidError
from web.typed import LONGEST, Typed, judged, options


class Limited(msgspec.Struct):
    limit: Annotated[int, msgspec.Meta(ge=0, le=10)]


def typed(*pairs: tuple[str, object]) -> Typed:
    return Typed(MultiDictProxy(MultiDict(pairs)))


def test_values_lists_and_ticks() -> None:
    form = typed(("name", "a"), ("queues", "x"), ("queues", " "), ("queues", "y"), ("on", ""))
    assert (form.text("name"), form.text("none"), form.text("none", "d")) == ("a", "", "d")
    assert form.all("queues") == ("x", "y")
    assert "on" in form and "off" not in form


def test_numbers_are_whole_and_in_any_digits() -> None:
    form = typed(("a", "12"), ("b", "۱۲"), ("c", " ١٢ "), ("d", ""), ("e", " "))
    assert [form.number(name, "no") for name in "abcdef"] == [12, 12, 12, None, None, None]
    for wrong in ("-1", "1.5", "1e9", "9" * 10, "²", "many"):
        with pytest.raises(InvalidError, match="no number"):
            typed(("n", wrong)).number("n", "no number")


def test_the_version_is_what_our_form_said() -> None:
    form = typed(("version", "12"), ("version.2", "-1"), ("version.3", "۱۲"))
    assert [form.version(), *(form.version(f"version.{n}") for n in (2, 3, 4))] == [12, None, None, None]


def test_what_cannot_be_is_refused_in_the_words_of_the_form() -> None:
    assert judged({"limit": 3}, Limited, "no") == Limited(3)
    for wrong in ({"limit": 11}, {"limit": None}, {}):
        with pytest.raises(InvalidError, match="1 to 10"):
            judged(wrong, Limited, "1 to 10")


def test_files_and_megabytes_are_no_text() -> None:
    form = typed(("name", object()), ("long", "x" * (LONGEST * 2)), ("list", object()))
    assert (form.text("name"), len(form.text("long")), form.all("list")) == ("", LONGEST, ())
    assert form.texts() == {"name": "", "long": "x" * LONGEST, "list": ""}


def test_what_was_chosen_is_offered_too() -> None:
    assert [value for value, _, _ in options(("a", "b"), ("b", "c"))] == ["a", "b", "c"]
