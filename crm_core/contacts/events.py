"""What is told of people and companies, after the commit."""

from __future__ import annotations

import msgspec

from crm_core.contacts.model import PartyKind


class PartyChanged(msgspec.Struct, frozen=True):
    """A party was made, changed, put in the trash or taken out of it. ``at``: epoch seconds."""

    id: str
    kind: PartyKind
    at: float


class PartiesMerged(msgspec.Struct, frozen=True):
    """``gone`` is part of ``into`` now, or (``undone``) no longer."""

    gone: str
    into: str
    at: float
    undone: bool = False
