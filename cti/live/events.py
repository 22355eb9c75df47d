"""What the tracker tells the rest of the product: past tense, frozen, in our words.

Events of one PBX come in order. ``CallChanged`` carries the whole record after the change, so a
listener needs no memory of its own; several changes that arrive in one read are told once.
``CallLogged`` is published by ``call_log`` after the commit; it stands here so that ``crm_core`` can
hear of calls without importing ``call_log``.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from cti.live.inventory import Listing, Mailbox
from cti.live.profile import EndpointKind
from cti.live.record import CallRecord

LegState = Literal["ringing", "up", "talking", "held", "consulting", "parked", "ended"]
CallState = Literal["arriving", "ringing", "queued", "talking", "held", "parked", "ended"]


class LiveLeg(msgspec.Struct, frozen=True, gc=False):
    """What one leg is doing now and since when (epoch seconds)."""

    uniqueid: str
    channel: str
    endpoint: str
    extension: str | None
    state: LegState
    since: float


class LiveConsult(msgspec.Struct, frozen=True, gc=False):
    """``by`` consults ``to`` (as dialled) about ``customer``; all but ``to`` are unique ids. ``target``: the leg that
    was called, None until there is one. ``waits``: who hears music now; None while nobody does."""

    by: str
    to: str
    customer: str
    target: str | None
    waits: str | None
    answered: bool
    since: float


class LiveCall(msgspec.Struct, frozen=True):
    """A call that is up: its record so far, and what its parties are doing now."""

    record: CallRecord
    state: CallState
    since: float
    legs: tuple[LiveLeg, ...]
    consult: LiveConsult | None = None


class CallStarted(msgspec.Struct, frozen=True):
    at: float
    call: LiveCall


class CallChanged(msgspec.Struct, frozen=True):
    at: float
    call: LiveCall


class CallEnded(msgspec.Struct, frozen=True):
    """The last word of the live tracker on a call; the truth of the PBX may still mend its record."""

    at: float
    record: CallRecord


class CallMerged(msgspec.Struct, frozen=True):
    """Two live calls became one: ``gone`` redirects to ``into`` (the older id)."""

    at: float
    gone: str
    into: str


class OrderEnded(msgspec.Struct, frozen=True):
    """What became of the first leg of a call that a command asked for. ``order``: the command's own id; ``uniqueid``
    None where no channel came up. ``reason``: see ``pbx.OriginateEnded``."""

    pbx: str
    at: float
    order: str
    uniqueid: str | None
    ok: bool
    reason: int


class SpyChanged(msgspec.Struct, frozen=True):
    """Somebody listens in, or no more: unique ids of the channels of whoever hears, and of whom he hears."""

    pbx: str
    at: float
    spyer: str
    spyee: str
    on: bool


DialStepName = Literal["my_phone", "dialling", "they_ring", "talking", "busy", "noanswer", "refused", "failed", "over"]


class DialStep(msgspec.Struct, frozen=True):
    """A call by a click came to this step. ``uniqueid``: that of its first leg, the user's own phone. ``reason``: a
    sentence for people, in English and the key of its translation, where the step needs one; ``over``: nothing more
    will be told. Published by ``cti.control.dials``."""

    pbx: str
    at: float
    uniqueid: str
    user: str
    step: DialStepName
    reason: str = ""
    call: str = ""
    to: str = ""
    over: bool = False


class RecordingPaused(msgspec.Struct, frozen=True):
    """A recording of a call is silent from ``since`` to ``until`` (epoch seconds), on the word of ``user`` (id);
    ``over``: it has sound again, or the call is over."""

    pbx: str
    at: float
    call: str
    user: str
    since: float
    until: float
    over: bool = False


class CallLogged(msgspec.Struct, frozen=True):
    """A record is in the log, after the commit. ``previous`` is what the log held before, if anything."""

    record: CallRecord
    previous: CallRecord | None = None


class PbxLinkChanged(msgspec.Struct, frozen=True):
    """The link to a PBX came up or went down. ``reason`` is a sentence for people, in English."""

    pbx: str
    at: float
    up: bool
    reason: str


class QueueMember(msgspec.Struct, frozen=True, gc=False):
    """``status`` is Asterisk's device state number (app_queue.c): 1 not in use, 2 in use, 3 busy,
    4 invalid, 5 unavailable, 6 ringing, 7 ringing in use, 8 on hold, 0 unknown."""

    interface: str
    name: str
    status: int
    paused: bool
    paused_reason: str | None
    in_call: bool
    dynamic: bool


class QueueChanged(msgspec.Struct, frozen=True):
    """A queue's members as they are now, and how many callers wait.

    ``changed``: the members that are other than in the last event of this queue, where nobody has left it since;
    None: compare all. ``order``: the ids of the calls that wait, the first one first (of many, the first hundred).
    """

    pbx: str
    at: float
    queue: str
    waiting: int
    members: tuple[QueueMember, ...]
    changed: tuple[QueueMember, ...] | None = None
    order: tuple[str, ...] = ()


class ResyncNeeded(msgspec.Struct, frozen=True):
    """The tracker saw something that cannot be: ask the PBX how things stand."""

    pbx: str
    at: float
    reason: str


class Endpoint(msgspec.Struct, frozen=True, gc=False):
    """What a PBX has and can ring. ``name`` is technology and peer (``PJSIP/201``), ``extension`` a phone's own.

    ``reachable`` is None where the PBX does not know; ``since``: when it became so, None if that was before we looked.
    """

    name: str
    kind: EndpointKind
    extension: str | None = None
    title: str = ""
    address: str = ""
    reachable: bool | None = None
    since: float | None = None


class DirectoryRead(msgspec.Struct, frozen=True):
    """The endpoints, mailboxes and queues (by name) that a PBX has, whole. ``silent``: what it did not
    tell."""

    pbx: str
    at: float
    endpoints: tuple[Endpoint, ...]
    mailboxes: tuple[Mailbox, ...] = ()
    queues: tuple[str, ...] = ()
    silent: tuple[Listing, ...] = ()


class EndpointChanged(msgspec.Struct, frozen=True):
    """An endpoint of the directory registered, or was lost."""

    pbx: str
    at: float
    endpoint: Endpoint


class MailboxChanged(msgspec.Struct, frozen=True):
    """A voicemail box has other messages than before."""

    pbx: str
    at: float
    mailbox: Mailbox


Event = (
    CallStarted
    | CallChanged
    | CallEnded
    | CallMerged
    | CallLogged
    | OrderEnded
    | SpyChanged
    | DialStep
    | RecordingPaused
    | PbxLinkChanged
    | QueueChanged
    | DirectoryRead
    | EndpointChanged
    | MailboxChanged
    | ResyncNeeded
)
