"""What people said of a call: the last result counts."""

from __future__ import annotations

from crm_core.results.model import CallResult, Disposition, Said


def test_the_last_that_was_said_counts() -> None:
    one = CallResult("c", "u1", "Sara", "sale", (), None, 1.0)
    other = CallResult("c", "u2", "Nima", "sale", (), None, 2.0)
    assert Said("c", (other, one)).result == other
    assert Said("c").result is None


def test_a_word_in_the_other_language_where_there_is_none() -> None:
    assert Disposition(id="x", label_fa="فروش").label("en") == "فروش"
    assert Disposition(id="x", label_fa="فروش", label_en="Sale").label("en") == "Sale"
