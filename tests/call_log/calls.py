"""Call records for the tests: whole ones, as a PBX of Tehran gives them, to be changed where a test cares."""

from __future__ import annotations

from typing import Any

import msgspec

from cti.live.events import LiveCall
from cti.live.record import Caller, CallRecord, Leg, Number, QueueWait, Segment, Transfer

DAY = 1_795_305_600.0  # 2026-11-22 00:00 UTC


def leg(uniqueid: str, endpoint: str = "PJSIP/201", at: float = DAY, **changes: Any) -> Leg:
    outside = not endpoint.rpartition("/")[2].isdigit()
    made = Leg(
        uniqueid=uniqueid,
        role="callee",
        endpoint=endpoint,
        extension=None if outside else endpoint.rpartition("/")[2],
        rang_at=at + 0.013,
        answered_at=at + 1.25,
        ended_at=at + 8.5,
        result="answered",
        ring_seconds=1.237,
        talk_seconds=7.25,
        consult_seconds=0.0,
        hold_seconds=0.5,
        segments=(Segment("ring", at + 0.013, at + 1.25), Segment("talk", at + 1.25, at + 8.5)),
        outside=outside,
    )
    return msgspec.structs.replace(made, **changes)


def record(number: int = 0, **changes: Any) -> CallRecord:
    """A finished inbound queue call; the ``number``-th of its day, ten seconds after the one before."""
    at = changes.pop("at", DAY + 10.0 * number + 0.937123)
    linkedid = f"{int(at)}.{number}"
    made = CallRecord(
        id=f"main-{linkedid}",
        pbx="main",
        kind="call",
        linkedid=linkedid,
        linkedids=(linkedid,),
        direction="inbound",
        caller=Caller(f"+98912{number:07}", f"0912{number:07}", "علی رضایی"),
        dialled=Number(None, "5000"),
        queue="support",
        queue_waits=(QueueWait("support", 1.2, True, at),),
        started_at=at,
        answered_at=at + 1.25,
        ended_at=at + 8.5,
        wait_seconds=1.25,
        talk_seconds=7.25,
        hold_seconds=0.5,
        duration_seconds=8.5,
        outcome="answered",
        hung_up_by="caller",
        legs=(leg(f"{linkedid}1", at=at),),
        transfers=(Transfer(kind="blind", from_="PJSIP/201", to="202", at=at + 3),),
        recordings=(f"{linkedid}.wav",),
        digits="1",
        conference=None,
        provisional=False,
    )
    return msgspec.structs.replace(made, **changes)


def provisional(of: CallRecord, **changes: Any) -> CallRecord:
    """The same call while it is still up."""
    up: dict[str, Any] = {"provisional": True, "ended_at": None, "outcome": None, "hung_up_by": None}
    return msgspec.structs.replace(of, **up | changes)


def live(of: CallRecord, since: float = DAY) -> LiveCall:
    return LiveCall(of, "talking", since, ())
