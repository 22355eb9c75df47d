"""The shapes of questions and answers are values: frozen, comparable, and JSON there and back."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from call_log.query import DIFFERENCE_KINDS, CallFilter, Difference, DifferenceKind, Page, TruthDay


def test_a_filter_asks_for_calls_unless_told_otherwise() -> None:
    assert CallFilter().kind == "call"
    assert not any(getattr(CallFilter(), name) for name in CallFilter.__struct_fields__ if name != "kind")
    with pytest.raises(AttributeError):
        CallFilter().number = "1"  # type: ignore[misc]


def test_every_kind_of_difference_is_listed_once() -> None:
    assert sorted(DIFFERENCE_KINDS) == sorted(get_args(DifferenceKind))


def test_answers_survive_json() -> None:
    difference = Difference(
        "main-1.1", "main", "wrong", {"talk_seconds": (7.25, 6.0), "id": ("a", None)}, True, 5.5, 1.25
    )
    day = TruthDay("2026-11-22", "main", 5, 6, 1, 2, 9.5)
    for value in (difference, day, Page((day,), "next")):
        text = msgspec.json.encode(value)
        assert msgspec.json.encode(msgspec.json.decode(text)) == text
    assert msgspec.json.decode(msgspec.json.encode(difference), type=Difference) == difference
