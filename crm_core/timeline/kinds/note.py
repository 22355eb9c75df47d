"""A note that somebody wrote. ``crm_core.notes`` tells it; its text changes with the note."""

from __future__ import annotations

import msgspec

from crm_core.timeline.kinds.kind import Kind
from cti.kernel.errors import N_
from cti.live.masking import mask_in


class NoteFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """``author``: his name when it was written. ``call``: the call that it is about. ``mentioned``: ids of users."""

    text: str
    author: str = ""
    call: str | None = None
    mentioned: tuple[str, ...] = ()
    edited_at: float | None = None


def _masked(facts: NoteFacts) -> NoteFacts:
    return msgspec.structs.replace(facts, text=mask_in(facts.text))


KIND = Kind("note", N_("Notes"), "sticky-note", NoteFacts, _masked)
