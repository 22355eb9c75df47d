"""What is told is equal to itself, so that it can be compared and kept in sets."""

from __future__ import annotations

from crm_core.contacts.events import PartiesMerged, PartyChanged


def test_they_are_values() -> None:
    assert PartyChanged("a", "person", 1.0) == PartyChanged("a", "person", 1.0)
    assert not PartiesMerged("a", "b", 1.0).undone
