"""Whose calls a reader's live pages tell of: everybody's, or those of his own teams.

Neighbours: ``screenpop.feed`` lets nobody watch more; ``src/scope.ts`` makes the topics of it.
"""

from __future__ import annotations

from crm_core.users.reach import EVERYBODY
from cti.kernel.actor import Actor

WHOLE = "all"


def scope_of(actor: Actor) -> str:
    """The last parts of the topics (``board:…``, ``alerts:…``) that he watches, separated by blanks: ``all`` for who
    may see every call, else his teams (ids); empty for who is in none."""
    return WHOLE if actor.may(EVERYBODY) else " ".join(sorted(actor.teams))
