"""What results tell the bus, after the commit."""

from __future__ import annotations

import msgspec


class ResultSaved(msgspec.Struct, frozen=True):
    """A user (an id) said how a call came out: the end of his wrap-up, unless he said it before."""

    user: str
    call: str
    disposition: str
    at: float


class CallNoteSaved(msgspec.Struct, frozen=True):
    """What a user types during a call was saved; whoever is in the call may read it."""

    user: str
    call: str
    at: float
