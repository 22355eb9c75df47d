"""Logins and names as people type them."""

from __future__ import annotations

import pytest

from crm_core.users.texts import folded_login, items_of, login_of, name_of, storable
from cti.kernel.errors import InvalidError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Sara", "sara"),
        (" sara ", "sara"),
        ("sara۱۲", "sara12"),
        ("ＳＡＲＡ", "sara"),
        ("سارا", "سارا"),
        ("a@b.ir", "a@b.ir"),
    ],
)
def test_logins_fold(typed: str, kept: str) -> None:
    assert folded_login(typed) == login_of(typed) == kept


@pytest.mark.parametrize("bad", ["", "a", "two words", "x" * 65, "a/b", "<b>", "a\nb", "'; --"])
def test_what_is_no_login(bad: str) -> None:
    with pytest.raises(InvalidError):
        login_of(bad)


def test_any_text_can_be_looked_up() -> None:
    for text in ("\0", "\ud800", "x" * 100_000, "\u202e"):
        assert len(folded_login(text)) <= 65


def test_names_keep_their_zwnj_and_lose_what_is_not_seen() -> None:
    assert name_of("name", "  فلاح\u200cزاده \n\t علی ") == "فلاح\u200cزاده علی"
    assert name_of("name", "a\u202eb\0c\ud800") == "abc"
    for bad in ("", "  ", "\0\u202e", "x" * 201):
        with pytest.raises(InvalidError):
            name_of("name", bad)


def test_lists_have_each_once() -> None:
    assert items_of("extensions", (" 201", "202", "201")) == ("201", "202")
    with pytest.raises(InvalidError):
        items_of("extensions", tuple(map(str, range(101))))
    with pytest.raises(InvalidError):
        items_of("extensions", ("x" * 101,))


def test_storable() -> None:
    assert storable("a\0b\udfffc") == "abc"
