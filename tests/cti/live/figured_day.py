"""A simulated day of a contact centre in Tehran, as a table, whose figures are worked out by hand in the tests.

Sunday 2026-11-22, rules as they are by default: answered within 20 s, 80 %; who leaves before 5 s is a short abandon;
service level "genesys_short". Sara (a) works 08:30 to 17:00 with lunch from 12:00 to 12:45, Babak (b) 09:00 to 13:00,
Dara (c) has been signed in for days: he is paused from 23:50 of the day before until 00:05, and never signs out.

====  ========  =======  ====  =========  =======  ====  ====  ====
call  joined    queue    wait  how        who      talk  hold  wrap
====  ========  =======  ====  =========  =======  ====  ====  ====
late  23:59:50  sales      20  answered   c          60     0     0   (of the day before)
1     09:00:00  sales      10  answered   a         120    20    30
2     09:05:00  sales      25  answered   a          60     0     0
3     09:10:00  sales       3  abandoned
4     09:12:00  sales      40  abandoned
5     09:28:00  sales       8  answered   b         300     0    60
6     09:40:00  support    15  moved on to sales
      09:40:15  sales       5  answered   a          45     0    15
7     09:50:00  support    50  voicemail
8     10:00:00  support    20  answered   b         100     0    20   and passed on to
      10:02:10                            a          50     0    10
9     10:10:10  (called)                  a          80     0     0
10    10:15:00  sales      12  a supervisor listening in: no call
11    11:00:00  sales      30  callback
12    11:05:00  sales       ?  lost: nobody knows
13    23:59:00  sales      10  answered   c          90     0    30   (into the next day)
====  ========  =======  ====  =========  =======  ====  ====  ====
"""

from __future__ import annotations

from typing import Any

import msgspec

from cti.live.agents import Noted
from cti.live.record import CallRecord, Leg, QueueWait, Segment
from tests.call_log import calls

DAY = 1_795_293_000.0
"""2026-11-22 00:00 in Tehran."""
NEXT = DAY + 86_400.0
A, B, C = "user-a", "user-b", "user-c"
EXTENSIONS = {A: "201", B: "202", C: "203"}
Taken = tuple[str, float, float, float]
"""Who, when he answered, how long he talked, of that on hold."""


def at(clock: str, day: float = DAY) -> float:
    """A time of the day in epoch seconds."""
    hours, minutes, seconds = map(int, clock.split(":"))
    return day + hours * 3600.0 + minutes * 60.0 + seconds


def leg(call: str, who: str, answered: float, talk: float, hold: float = 0.0, **changes: Any) -> Leg:
    """One agent's part; it is held at its end, which is as good as anywhere."""
    held = answered + talk - hold
    spans = [Segment("ring", answered - 3.0, answered), Segment("talk", answered, held)]
    spans += [Segment("hold", held, answered + talk)] if hold else []
    made = calls.leg(f"{call}.{who}", f"PJSIP/{EXTENSIONS[who]}", answered)
    return msgspec.structs.replace(
        made, answered_at=answered, ended_at=answered + talk, talk_seconds=talk, hold_seconds=hold,
        consult_seconds=0.0, segments=tuple(spans), **changes,
    )  # fmt: skip


def call(name: str, waits: list[QueueWait], taken: list[Taken], ended: float, **changes: Any) -> CallRecord:
    legs = tuple(leg(name, *one) for one in taken)
    told: dict[str, Any] = {
        "id": f"main-{name}",
        "linkedid": name,
        "linkedids": (name,),
        "started_at": waits[0].joined_at if waits else legs[0].answered_at,
        "answered_at": legs[0].answered_at if legs else None,
        "ended_at": ended,
        "queue_waits": tuple(waits),
        "queue": waits[-1].queue if waits else None,
        "outcome": "answered" if legs else "abandoned",
        "legs": legs,
        "transfers": (),
        "recordings": (),
        "talk_seconds": sum(one.talk_seconds for one in legs),
    }
    return msgspec.structs.replace(calls.record(), **(told | changes))


def queued(
    name: str, clock: str, queue: str, wait: float, who: str = "", talk: float = 0.0, hold: float = 0.0,
    *, day: float = DAY, **changes: Any,
) -> CallRecord:  # fmt: skip
    joined = at(clock, day)
    taken = [(who, joined + wait, talk, hold)] if who else []
    return call(name, [QueueWait(queue, wait, bool(who), joined)], taken, joined + wait + talk, **changes)


def records() -> list[CallRecord]:
    moved = [QueueWait("support", 15.0, False, at("09:40:00")), QueueWait("sales", 5.0, True, at("09:40:15"))]
    passed_on = [(B, at("10:00:20"), 100.0, 0.0), (A, at("10:02:10"), 50.0, 0.0)]
    return [
        queued("late", "23:59:50", "sales", 20.0, C, 60.0, day=DAY - 86_400.0),
        queued("1", "09:00:00", "sales", 10.0, A, 120.0, 20.0),
        queued("2", "09:05:00", "sales", 25.0, A, 60.0),
        queued("3", "09:10:00", "sales", 3.0),
        queued("4", "09:12:00", "sales", 40.0),
        queued("5", "09:28:00", "sales", 8.0, B, 300.0),
        call("6", moved, [(A, at("09:40:20"), 45.0, 0.0)], at("09:41:05")),
        queued("7", "09:50:00", "support", 50.0, outcome="voicemail", ended_at=at("09:51:30")),
        call("8", [QueueWait("support", 20.0, True, at("10:00:00"))], passed_on, at("10:03:00")),
        call("9", [], [(A, at("10:10:10"), 80.0, 0.0)], at("10:11:30"), direction="outbound"),
        queued("10", "10:15:00", "sales", 12.0, A, 30.0, kind="monitoring"),
        queued("11", "11:00:00", "sales", 30.0, outcome="callback"),
        call("12", [QueueWait("sales", None, False, at("11:05:00"))], [], at("11:06:00"), outcome="lost"),
        queued("13", "23:59:00", "sales", 10.0, C, 90.0),
    ]


def people(record: CallRecord) -> dict[str, tuple[str, ...]]:
    """Who worked at the phones of a call."""
    return {one.uniqueid: (one.uniqueid.partition(".")[2],) for one in record.legs}


def _wrap(user: str, begin: str, seconds: float, call_id: str, queue: str, day: float = DAY) -> list[Noted]:
    start = at(begin, day)
    return [
        Noted(user, start, "wrap", call=f"main-{call_id}", queue=queue),
        Noted(user, start + seconds, "wrap_over", call=f"main-{call_id}", queue=queue),
        Noted(user, start + seconds, "ready"),
    ]


def noted() -> list[Noted]:
    """What the agents did, in order of time."""
    before = DAY - 86_400.0
    found = [
        Noted(C, DAY - 9 * 86_400.0, "sign_in", queue="sales"),
        Noted(C, at("08:00:00", before), "pause", reason="lunch"),
        Noted(C, at("08:30:00", before), "resume", reason="lunch"),
        Noted(C, at("08:30:00", before), "ready"),
        Noted(C, at("23:50:00", before), "pause", reason="break"),
        Noted(C, at("00:05:00"), "resume", reason="break"),
        Noted(C, at("00:05:00"), "ready"),
        Noted(A, at("17:00:00", before), "sign_out"),
        Noted(A, at("08:30:00"), "sign_in", queue="sales"),
        Noted(A, at("08:30:00"), "sign_in", queue="support"),
        *_wrap(A, "09:02:10", 30.0, "1", "sales"),
        *_wrap(A, "09:41:05", 15.0, "6", "sales"),
        *_wrap(A, "10:03:00", 10.0, "8", "support"),
        Noted(A, at("12:00:00"), "pause", reason="lunch"),
        Noted(A, at("12:45:00"), "resume", reason="lunch"),
        Noted(A, at("12:45:00"), "ready"),
        Noted(A, at("17:00:00"), "sign_out"),
        Noted(B, at("09:00:00"), "sign_in", queue="sales"),
        *_wrap(B, "09:33:08", 60.0, "5", "sales"),
        *_wrap(B, "10:02:00", 20.0, "8", "support"),
        Noted(B, at("13:00:00"), "sign_out"),
        *_wrap(C, "00:00:40", 30.0, "13", "sales", NEXT),
    ]
    return sorted(found, key=lambda one: one.at)


SALES: dict[str, Any] = {
    "offered": 8,  # 5 answered + 2 abandoned + 1 moved on (the callback)
    "answered": 5,  # 1, 2, 5, 6, 13
    "answered_in": 4,  # 2 waited 25 s
    "abandoned": 2,  # 3, 4
    "short_abandoned": 1,  # 3
    "moved": 1,  # 11
    "waiting": 0,
    "service_level": 66.7,  # 4 / (5 + 2 − 1)
    "abandon_rate": 14.3,  # (2 − 1) / (8 − 1)
    "asa": 11.6,  # (10 + 25 + 8 + 5 + 10) / 5
    "aht": 150.0,  # (615 + 135) / 5
    "acw": 33.8,  # 135 / 4: call 2 had none
    "longest_wait": 40.0,
    "talk_seconds": 615.0,  # 120 + 60 + 300 + 45 + 90
    "hold_seconds": 20.0,
    "wrap_seconds": 135.0,  # 30 + 60 + 15 + 30
}
SUPPORT: dict[str, Any] = {
    "offered": 3,  # 1 answered + 2 moved on
    "answered": 1,  # 8
    "answered_in": 1,  # 20 s are within 20 s
    "abandoned": 0,
    "short_abandoned": 0,
    "moved": 2,  # 6 to sales, 7 to voicemail
    "waiting": 0,
    "service_level": 100.0,  # 1 / 1
    "abandon_rate": 0.0,  # 0 / 3
    "asa": 20.0,
    "aht": 180.0,  # (100 + 50 + 20 + 10) / 1
    "acw": 30.0,
    "longest_wait": 50.0,
    "talk_seconds": 150.0,
    "hold_seconds": 0.0,
    "wrap_seconds": 30.0,
}
OF_A: dict[str, Any] = {
    "calls": 5,  # 1, 2, 6, 8, 9
    "talk_seconds": 355,  # 120 + 60 + 45 + 50 + 80
    "wrap_seconds": 55,  # 30 + 15 + 10
    "ready_seconds": 27490,  # 30600 − 2700 − 55 − 355
    "pause_seconds": 2700,
    "pauses": {"lunch": 2700},
    "signed_in_seconds": 30600,  # 8.5 h
    "occupancy": 1.5,  # 410 / (410 + 27490)
    "aht": 82.0,  # 410 / 5
}
OF_B: dict[str, Any] = {
    "calls": 2,
    "talk_seconds": 400,
    "wrap_seconds": 80,
    "ready_seconds": 13920,  # 14400 − 80 − 400
    "pause_seconds": 0,
    "pauses": {},
    "signed_in_seconds": 14400,
    "occupancy": 3.3,  # 480 / 14400
    "aht": 240.0,  # 480 / 2
}
OF_C: dict[str, Any] = {
    "calls": 2,  # that of the night before was answered at 00:00:10
    "talk_seconds": 110,  # 60, and 50 of the 90 before midnight
    "wrap_seconds": 0,  # it was after midnight
    "ready_seconds": 86050,  # 86400 − 300 − 50; the first call was in his pause
    "pause_seconds": 300,  # from midnight
    "pauses": {"break": 300},
    "signed_in_seconds": 86400,  # all day, without signing in on it (T91)
    "occupancy": 0.1,  # 110 / (110 + 86050)
    "aht": 55.0,
}
AT_NINE: dict[str, Any] = {  # 09:00 to 09:30, both queues: calls 1 to 5
    "offered": 5,
    "answered": 3,
    "answered_in": 2,  # 1, 5
    "abandoned": 2,
    "short_abandoned": 1,
    "moved": 0,
    "waiting": 0,
    "service_level": 50.0,  # 2 / (3 + 2 − 1)
    "abandon_rate": 25.0,  # 1 / 4
    "asa": 14.3,  # 43 / 3
    "aht": 190.0,  # (120 + 60 + 300 + 30 + 60) / 3: all of call 5, which ended at 09:34
    "acw": 45.0,  # 90 / 2
    "longest_wait": 40.0,
    "talk_seconds": 480.0,
    "hold_seconds": 20.0,
    "wrap_seconds": 90.0,
}
