"""What notes tell says enough to act on without asking again."""

from __future__ import annotations

from crm_core.notes.events import NoteDeleted, NoteWritten
from crm_core.notes.model import Note


def test_news() -> None:
    note = Note("1", "text", "p", None, "u", "U", 1.0, None, ())
    assert NoteWritten(note, ("x",)).called == ("x",)
    assert NoteDeleted("1", 2.0).id == "1"
