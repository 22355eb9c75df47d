"""A note is comparable (that its tables are as described is held for every feature at once)."""

from __future__ import annotations

import msgspec

from crm_core.notes.model import Note, note


def test_a_note_has_the_columns_of_its_table() -> None:
    assert [field.name for field in msgspec.structs.fields(Note)] == list(note.columns.keys())
