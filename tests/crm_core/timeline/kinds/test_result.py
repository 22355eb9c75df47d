"""Of a note with a number in it, who may not see numbers sees as much as anywhere."""

from __future__ import annotations

from crm_core.timeline.kinds.result import KIND, ResultFacts


def test_numbers_in_the_note_are_masked() -> None:
    masked = KIND.masked(ResultFacts("Sara", "call 09123456789", "sale", en=("Sale",)))
    assert "3456" not in masked.note and masked.en == ("Sale",)
