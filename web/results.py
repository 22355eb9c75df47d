"""How a call, a leg, a difference came out, as a shape and a word. One table each, used by every page.

``mark`` names a state shape of the design, ``icon`` an icon where the outcome is no state.
"""

from __future__ import annotations

from typing import NamedTuple

from cti.live.record import CallRecord, Leg
from web.i18n import N_


class Result(NamedTuple):
    """``tone``: the class that colours it. ``text``: English, translated where it is shown."""

    text: str
    tone: str
    mark: str = ""
    icon: str = ""


OUTCOMES: dict[str, Result] = {
    "answered": Result(N_("Answered"), "m", icon="check"),
    "abandoned": Result(N_("Abandoned"), "s-bad", mark="bad"),
    "noanswer": Result(N_("No answer"), "q", icon="x"),
    "busy": Result(N_("Busy"), "q", icon="x"),
    "failed": Result(N_("Failed"), "s-bad", mark="bad"),
    "voicemail": Result(N_("Voicemail"), "m", icon="file-audio"),
    "callback": Result(N_("Callback"), "ink-ring", icon="clock"),
    "lost": Result(N_("Lost"), "ink-ring", mark="warn"),
}
UNFINISHED = Result(N_("End not known yet"), "ink-ring", mark="warn")
IN_PROGRESS = Result(N_("In progress"), "s-talk", mark="talk")
UNKNOWN = Result(N_("Unknown"), "q", icon="x")

LEG_RESULTS: dict[str, Result] = {
    "answered": Result(N_("Answered (a phone)"), "s-ready", mark="ready"),
    "noanswer": Result(N_("No answer (a phone)"), "s-bad", mark="bad"),
    "busy": Result(N_("Busy (a phone)"), "s-off", mark="off"),
    "cancelled": Result(N_("Stopped ringing"), "s-off", mark="off"),
    "declined": Result(N_("Declined"), "s-bad", mark="bad"),
    "forwarded": Result(N_("Forwarded"), "m", icon="corner-up-right"),
    "failed": Result(N_("Unreachable"), "s-bad", mark="bad"),
}

DIRECTIONS: dict[str, tuple[str, str]] = {  # text, icon
    "inbound": (N_("Inbound"), "arrow-down-left"),
    "outbound": (N_("Outbound"), "arrow-up-right"),
    "internal": (N_("Internal"), "arrow-left-right"),
}
SIDES: dict[str, str] = {
    "caller": N_("Caller"),
    "agent": N_("Our side"),
    "callee": N_("The other side"),
    "system": N_("The PBX"),
}
TRANSFERS: dict[str, str] = {
    "blind": N_("Transfer"),
    "attended": N_("Attended transfer"),
    "park": N_("Park"),
    "redirect": N_("Redirect"),
    "answered": N_("Answered (a moment)"),
}
SEGMENTS: dict[str, str] = {
    "wait": N_("Voice menu"),
    "queue": N_("In queue"),
    "ring": N_("Ringing (a time)"),
    "up": N_("On the line"),
    "talk": N_("Talk"),
    "hold": N_("Hold"),
    "consult": N_("Consult"),
    "park": N_("Parked"),
}
DIFFERENCES: dict[str, tuple[str, str]] = {  # text, and what it means
    "missing": (N_("Missing"), N_("The PBX has this call, our log had not.")),
    "wrong": (N_("Different"), N_("Both have this call and did not agree.")),
    "extra": (N_("Extra"), N_("We saw this call end, the PBX has no record of it.")),
    "lost": (N_("Lost"), N_("Nobody saw how this call ended.")),
}
FIELDS: dict[str, str] = {  # of a record, where a difference is told
    "answered_at": N_("Answered (a moment)"),
    "consult_seconds": N_("Consult"),
    "dialled": N_("Dialled"),
    "direction": N_("Direction"),
    "duration_seconds": N_("Total"),
    "ended_at": N_("Ended"),
    "hold_seconds": N_("Hold"),
    "hung_up_by": N_("Ended by"),
    "outcome": N_("Outcome"),
    "queue": N_("Queue"),
    "started_at": N_("Began"),
    "talk_seconds": N_("Talk"),
    "wait_seconds": N_("Wait"),
}
MISSED = frozenset(("abandoned", "noanswer", "busy", "failed"))


def outcome_of(record: CallRecord, live: bool) -> Result:
    if record.provisional:
        return IN_PROGRESS if live else UNFINISHED
    return OUTCOMES.get(record.outcome or "", UNKNOWN)


def leg_result(leg: Leg) -> Result:
    if leg.ended_at is None and leg.result is None:
        return IN_PROGRESS
    return LEG_RESULTS.get(leg.result or "", UNKNOWN)


def missed(record: CallRecord) -> bool:
    """An inbound call that nobody took: what somebody may have to call back."""
    return record.direction == "inbound" and record.outcome in MISSED
