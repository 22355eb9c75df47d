"""Under what an entry is found (that the tables are as described is held for every feature at once)."""

from __future__ import annotations

from crm_core.timeline.kinds.note import NoteFacts
from crm_core.timeline.model import Entry, found_under, of_call, of_number


def test_an_attached_entry_leaves_the_others_of_its_number() -> None:
    subjects = (of_number("+98912"), of_call("c1"))
    assert found_under(subjects, None) == subjects
    assert found_under(subjects, "maryam") == ("p:maryam", "a:+98912", "c:c1")
    assert found_under(("p:a", "p:a"), None) == ("p:a",)


def test_one_kind_and_source_is_one_entry() -> None:
    assert Entry("note", "7", 1.0, (), NoteFacts("")).id == "note:7"
