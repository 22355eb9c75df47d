"""Where in the contexts of our own a channel is: it was sent there by a command of ours.

Neighbours: ``cti.control.contexts`` names the contexts, facts carry the errand, ``talk`` and ``moves`` heed it.
"""

from __future__ import annotations

from typing import Literal, cast, get_args

Errand = Literal["", "dial", "transfer", "hold", "keep", "consult", "talk", "conference", "echo"]
"""Empty elsewhere."""
OURS = "tamas-"
ERRANDS: frozenset[str] = frozenset(get_args(Errand)) - {""}


SPIES = "tamas-spy-"
"""What the unique ids of supervisors' own channels begin with: they are that from the first moment, answered or not."""


def errand_of(context: str) -> Errand:
    """What a channel in a context of the dialplan is there for."""
    if not context.startswith(OURS):
        return ""
    name = context[len(OURS) :]
    return cast(Errand, name) if name in ERRANDS else ""
