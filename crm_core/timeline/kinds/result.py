"""What somebody said of a call: the result that he chose, and what he noted. ``crm_core.results`` tells it.

It stands with what is about the call; in the stream of whoever called, the call's own entry shows it.
"""

from __future__ import annotations

import msgspec

from crm_core.timeline.kinds.kind import Kind
from cti.kernel.errors import N_
from cti.live.masking import mask_in


class ResultFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """``by``: his name then. ``fa`` and ``en``: the result and what it is a detail of, the widest first; none yet while
    the call goes on. ``shape`` and ``tone`` are the result's. ``task``: the id of the follow-up."""

    by: str
    note: str = ""
    disposition: str | None = None
    fa: tuple[str, ...] = ()
    en: tuple[str, ...] = ()
    shape: str = ""
    tone: str = ""
    task: str | None = None


def _masked(facts: ResultFacts) -> ResultFacts:
    return msgspec.structs.replace(facts, note=mask_in(facts.note))


KIND = Kind("result", N_("Results"), "check", ResultFacts, _masked)
