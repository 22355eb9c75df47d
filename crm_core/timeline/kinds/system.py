"""What the product did with a party: imported it, merged it, added a number to it."""

from __future__ import annotations

from typing import Literal

import msgspec

from crm_core.timeline.kinds.kind import Kind
from cti.kernel.errors import N_
from cti.live.masking import mask, mask_in

SystemEvent = Literal["created", "imported", "merged", "unmerged", "number_added"]


class SystemFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """``by``: who did it. ``what``: the other party's name, the name of the file. ``number``, ``raw``: the number."""

    event: SystemEvent
    by: str = ""
    what: str = ""
    number: str | None = None
    raw: str | None = None


def _masked(facts: SystemFacts) -> SystemFacts:
    written = facts.raw or facts.number
    return msgspec.structs.replace(facts, number=None, raw=written and mask(written), what=mask_in(facts.what))


KIND = Kind("system", N_("Changes"), "settings-2", SystemFacts, _masked)
