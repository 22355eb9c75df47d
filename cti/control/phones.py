"""A phone of ours as commands see it: where it stands and what kind of device it is.

Neighbours: ``crm_core.users`` knows who works at it, ``devices`` what each kind can be told to do.
"""

from __future__ import annotations

from typing import Literal

import msgspec

DeviceKind = Literal["softphone", "desk", "unknown"]
"""``softphone``: in the browser, by WebRTC; ``desk``: a device of its own; ``unknown``: the PBX does not tell."""


class PhoneAt(msgspec.Struct, frozen=True, gc=False):
    """``endpoint`` as its PBX names it (``PJSIP/201``), ``extension`` as people dial it. ``reachable`` is None where
    the PBX does not know."""

    pbx: str
    endpoint: str
    extension: str
    reachable: bool | None = None
