"""A file that somebody added. ``crm_core.files`` tells it."""

from __future__ import annotations

import msgspec

from crm_core.timeline.kinds.kind import Kind
from cti.kernel.errors import N_
from cti.live.masking import mask_in


class FileFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """``size`` in bytes. ``media``: what its content is. ``deleted_*``: since when it is gone, and by whom."""

    name: str
    size: int
    media: str
    author: str = ""
    call: str | None = None
    deleted_at: float | None = None
    deleted_by: str = ""


def _masked(facts: FileFacts) -> FileFacts:
    return msgspec.structs.replace(facts, name=mask_in(facts.name))


KIND = Kind("file", N_("Files"), "paperclip", FileFacts, _masked)
