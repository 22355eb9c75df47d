"""What notes tell the bus, after the commit."""

from __future__ import annotations

import msgspec

from crm_core.notes.model import Note


class NoteWritten(msgspec.Struct, frozen=True):
    """A note was written or changed. ``called``: ids of users who are mentioned in it and were not before."""

    note: Note
    called: tuple[str, ...]


class NoteDeleted(msgspec.Struct, frozen=True):
    id: str
    at: float
