"""What a field is called, in the reader's language or the only one there is."""

from __future__ import annotations

from crm_core.fields.model import Choice, FieldDef


def test_labels() -> None:
    both = FieldDef("1", "person", "level", "choice", fa="سطح", en="Level", choices=(Choice("gold", "طلایی"),))
    assert (both.label("fa"), both.label("en")) == ("سطح", "Level")
    assert FieldDef("1", "person", "level", "text", en="Level").label("fa") == "Level"
    assert FieldDef("1", "person", "level", "text").label("fa") == "level"
    gold = both.choice("gold")
    assert gold is not None and gold.label("en") == "طلایی"
    assert both.choice("none") is None
