"""What a hang-up cause and a dial status say about a leg that did not answer.

Causes are ITU-T Q.850 as Asterisk names them (include/asterisk/causes.h); dial statuses are DIALSTATUS
of app_dial.c. The cause outranks the status: a queue says NOANSWER of a phone that answered 486.
"""

from __future__ import annotations

from cti.live.record import LegResult

BY_CAUSE: dict[int, LegResult] = {
    1: "failed",  # unallocated number
    2: "failed",
    3: "failed",  # no route to destination
    17: "busy",
    18: "noanswer",  # no user responding
    20: "failed",  # subscriber absent
    21: "declined",
    22: "failed",  # number changed
    27: "failed",  # destination out of order
    28: "failed",  # invalid number format
    34: "failed",  # no circuit
    38: "failed",  # network out of order
    41: "failed",  # temporary failure
    42: "failed",  # congestion
    44: "failed",
    58: "failed",  # bearer capability not available
}
BY_COMMAND = 31
"""Q.850 "normal, unspecified": with it we hang up a phone for whoever works at it, so that the PBX's own records tell
that from a hang-up by the PBX."""
WRONG_NUMBER = frozenset((1, 22, 28))
"""Nobody has that number. Dial calls it NOANSWER, as it does all causes that it does not know."""
BY_STATUS: dict[str, LegResult] = {
    "noanswer": "noanswer",
    "busy": "busy",
    "cancel": "cancelled",
    "congestion": "failed",
    "chanunavail": "failed",
    "invalidargs": "failed",
    "answer": "cancelled",  # the other side was gone before this one was up
}


def unanswered_result(cause: int, status: str) -> LegResult:
    """Why a leg that rang was not answered."""
    if cause in WRONG_NUMBER and status == "noanswer":
        return "failed"
    by_cause = BY_CAUSE.get(cause)
    if by_cause is not None and not (by_cause in ("failed", "noanswer") and status in ("cancel", "noanswer")):
        return by_cause
    return BY_STATUS.get(status, "cancelled")
