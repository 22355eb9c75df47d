"""What each type takes, from people, files and programs alike, and what it refuses with a sentence."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.fields.model import Choice, FieldDef
from crm_core.fields.types import KINDS, LARGEST, criterion, found_by, read
from cti.kernel.errors import InvalidError

CHOICES = (Choice("gold", "طلایی", "Gold"), Choice("silver", "نقره‌ای", "Silver"))


def field(type_: Any) -> FieldDef:
    return FieldDef("f", "person", "f", type_, fa="فیلد", en="Field", choices=CHOICES)


@pytest.mark.parametrize(
    ("type_", "given", "kept"),
    [
        ("text", "  سلام\x00دنیا ", "سلام دنیا"),
        ("text", "   ", None),
        ("text", 12, "12"),
        ("area", "a\nb", "a\nb"),
        ("integer", "۱۲٬۵۰۰", 12500),
        ("integer", "-3", -3),
        ("integer", 7, 7),
        ("decimal", "۳٫۵", 3.5),
        ("decimal", 0.25, 0.25),
        ("money", "184,500,000", 184500000),
        ("date", "1405/09/01", "2026-11-22"),
        ("date", "۱۴۰۵/۹/۱", "2026-11-22"),
        ("date", "2026-11-22", "2026-11-22"),
        ("date", "1403-12-30", "2025-03-20"),  # a leap year
        ("yesno", "بله", True),
        ("yesno", "0", False),
        ("yesno", False, False),
        ("choice", "gold", "gold"),
        ("choice", "نقره‌ای", "silver"),
        ("choices", "Silver; طلایی", ["gold", "silver"]),
        ("choices", ["silver"], ["silver"]),
        ("choices", [], None),
        ("link", "example.com/a?b", "https://example.com/a?b"),
        ("link", "http://سایت.ایران", "http://سایت.ایران"),
    ],
)
def test_what_is_taken(type_: str, given: Any, kept: Any) -> None:
    assert read(field(type_), given) == kept


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("text", "x" * 501),
        ("text", {"a": 1}),
        ("text", ["a"]),
        ("area", "x" * 10_001),
        ("integer", "1.5"),
        ("integer", "twelve"),
        ("integer", True),
        ("integer", LARGEST + 1),
        ("decimal", "NaN"),
        ("decimal", "1e400"),
        ("money", "∞"),
        ("date", "1405/13/01"),
        ("date", "1404/12/30"),  # not a leap year
        ("date", "0000/01/01"),
        ("date", "tomorrow"),
        ("yesno", "perhaps"),
        ("choice", "bronze"),
        ("choices", "gold, bronze"),
        ("link", "javascript:alert(1)"),
        ("link", "https://[bad"),
        ("link", "a b"),
    ],
)
def test_what_is_refused(type_: str, given: Any) -> None:
    with pytest.raises(InvalidError, match="فیلد"):
        read(field(type_), given)


@pytest.mark.parametrize("type_", KINDS)
def test_every_type_is_found_by_what_it_keeps(type_: str) -> None:
    samples = {
        "integer": "5", "decimal": "5.5", "money": "5", "date": "2026-11-22", "yesno": "yes",
        "choice": "gold", "choices": "gold", "link": "example.com",
    }  # fmt: skip
    one = field(type_)
    kept = read(one, samples.get(type_, "Ali"))
    op = "is" if "is" in KINDS[one.type].ops else "contains"
    assert criterion(one, op, samples.get(type_, "Ali"))[1] == found_by(one, kept)[0][1]
    assert found_by(one, None) == ()
    with pytest.raises(InvalidError):
        criterion(one, "like", "a")
