"""What was asked for is marked in the text as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.search.highlight import LONGEST_EXCERPT, excerpt, marked, marked_number
from cti.kernel.persian import words


def shown(text: str, asked: str) -> str:
    return "".join(f"[{part}]" if on else part for part, on in marked(text, words(asked)))


@pytest.mark.parametrize(
    ("text", "asked", "result"),
    [
        ("مریم رستگار", "رست", "مریم [رستگار]"),
        ("آرش رئیسی", "ارش", "[آرش] رئیسی"),
        ("علي‌رضا كريمي", "علیرضا", "[علي‌رضا] كريمي"),
        ("علي‌رضا كريمي", "رضا", "[علي‌رضا] كريمي"),
        ("آقای علی رضا کریمی", "علیرضا", "آقای [علی] [رضا] کریمی"),
        ("علیرضا کریمی", "علی رضا", "[علیرضا] کریمی"),
        ("مُحَمَّد", "محمد", "[مُحَمَّد]"),
        ("Peter Müller", "mull", "Peter [Müller]"),
        ("<b>x</b>", "x", "<b>[x]</b>"),
        ("مریم", "", "مریم"),
        ("", "مریم", ""),
    ],
)
def test_names(text: str, asked: str, result: str) -> None:
    assert shown(text, asked) == result


@pytest.mark.parametrize(
    ("number", "digits", "result"),
    [
        ("0912 111 2233", "9121112", "0[912 111 2]233"),
        ("۰۹۱۲ ۱۱۱ ۲۲۳۳", "2233", "۰۹۱۲ ۱۱۱ [۲۲۳۳]"),
        ("0912 ••• 2233", "1112", "0912 ••• 2233"),
        ("0912", "", "0912"),
    ],
)
def test_numbers(number: str, digits: str, result: str) -> None:
    parts = marked_number(number, digits)
    assert "".join(f"[{part}]" if on else part for part, on in parts) == result


def test_an_excerpt_has_what_was_asked_for() -> None:
    text = "واژه " * 500 + "سفارش\n\nتحویل شد " + "واژه " * 500
    parts = excerpt(text, words("سفارش"))
    assert ("سفارش", True) in parts
    assert parts[0][0] == "…" == parts[-1][0]
    assert sum(len(part) for part, _ in parts) <= LONGEST_EXCERPT + 2
    assert excerpt("کوتاه", words("هیچ")) == (("کوتاه", False),)


@given(st.text(), st.text(max_size=20))
def test_nothing_is_lost_or_added(text: str, asked: str) -> None:
    assert "".join(part for part, _ in marked(text, words(asked))) == text
    excerpt(text, words(asked))
