"""Forms, read: whatever is sent."""

from __future__ import annotations

from multidict import MultiDict, MultiDictProxy

from web.typed import LONGEST, Typed, options


def typed(*pairs: tuple[str, object]) -> Typed:
    return Typed(MultiDictProxy(MultiDict(pairs)))


def test_values_lists_and_ticks() -> None:
    form = typed(("name", "a"), ("queues", "x"), ("queues", " "), ("queues", "y"), ("on", ""))
    assert (form.text("name"), form.text("none"), form.text("none", "d")) == ("a", "", "d")
    assert form.all("queues") == ("x", "y")
    assert "on" in form and "off" not in form


def test_numbers_are_numbers() -> None:
    form = typed(("a", "12"), ("b", "-1"), ("c", "۱۲"), ("d", "9" * 40), ("e", "1e9"))
    assert [form.number(name) for name in "abcde"] == [12, None, None, None, None]


def test_files_and_megabytes_are_no_text() -> None:
    form = typed(("name", object()), ("long", "x" * (LONGEST * 2)), ("list", object()))
    assert (form.text("name"), len(form.text("long")), form.all("list")) == ("", LONGEST, ())


def test_what_was_chosen_is_offered_too() -> None:
    assert [value for value, _, _ in options(("a", "b"), ("b", "c"))] == ["a", "b", "c"]
