"""What a cell's text becomes before anybody looks at it."""

from __future__ import annotations

from crm_core.exchange.rows import LONGEST_CELL, clean


def test_a_cell_is_bounded_and_without_control_characters() -> None:
    assert clean("  علی\0\x07 رضا \r\n") == "علی رضا"
    assert clean("a\u00a0b\r\nc\n") == "a b\nc"
    assert len(clean("x" * 100_000)) == LONGEST_CELL
    assert clean("نیم\u200cفاصله") == "نیم\u200cفاصله"
