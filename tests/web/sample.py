"""A day at a contact centre, as records and live calls: what pages and screens are tested with.

Everything is made from short scripts of who did what when, and nothing is random, so a test can name
a call and know its figures. ``NOW`` is a Sunday morning in Tehran (1 Azar 1405).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from cti.live.events import CallState, LegState, LiveCall, LiveLeg, PbxLinkChanged, QueueChanged, QueueMember
from cti.live.record import (
    Caller,
    CallRecord,
    Direction,
    Leg,
    LegResult,
    Number,
    Outcome,
    QueueWait,
    Segment,
    SegmentState,
    Side,
    Transfer,
)

ZONE = ZoneInfo("Asia/Tehran")
NOW = dt.datetime(2026, 11, 22, 10, 44, 0, tzinfo=ZONE).timestamp()
PBX = "main"

AGENTS = {
    "201": "بهنام جعفری",
    "202": "کیان احمدی",
    "203": "نیما فرهمند",
    "205": "نگار سهرابی",
    "207": "رها کاظمی",
    "208": "الهام یوسفی",
    "211": "امیرحسین توکلی",
    "214": "پویا نیکزاد",
    "216": "شیوا بهرامی",
    "219": "مهدی رضوانی",
    "221": "ترانه صالحی",
    "223": "آرش دادگر",
    "230": "مینا شریفی",
    "231": "سینا قاسمی",
    "232": "هانیه عباسی",
    "240": "نازنین اکبری",
    "241": "مهسا طاهری",
}

Script = Sequence[tuple[SegmentState, float, float | None]]
"""(state, from, to) in seconds of the call."""


def number(raw: str | None) -> Number:
    if raw and raw.startswith("+"):
        return Number(number=raw, raw=raw)
    e164 = "+98" + raw[1:] if raw and raw.startswith("0") and len(raw) > 8 else None
    return Number(number=e164, raw=raw)


def segments(script: Script, start: float) -> tuple[Segment, ...]:
    return tuple(Segment(state, start + a, None if b is None else start + b) for state, a, b in script)


def spent(script: Script, state: SegmentState, end: float) -> float:
    return sum((end if b is None else b) - a for s, a, b in script if s == state)


def leg(ext: str, start: float, script: Script, result: LegResult | None, end: float, *, outside: bool = False) -> Leg:
    """A phone that was rung (or, with ``outside``, a trunk) and what it did; hold within talk counts as talk."""
    rings = [(a, b) for s, a, b in script if s == "ring"]
    joined = [a for s, a, _ in script if s != "ring"]
    last = script[-1][2]
    return Leg(
        uniqueid=f"{int(start)}.{ext}",
        role="callee" if rings else "caller",
        endpoint=f"PJSIP/{ext}",
        extension=None if outside else ext,
        rang_at=start + rings[0][0] if rings else None,
        answered_at=start + joined[0] if joined else None,
        ended_at=None if last is None else start + last,
        result=result,
        ring_seconds=spent(script, "ring", end),
        talk_seconds=spent(script, "talk", end) + spent(script, "hold", end),
        consult_seconds=spent(script, "consult", end),
        hold_seconds=spent(script, "hold", end),
        segments=segments(script, start),
        outside=outside,
    )


def record(
    key: str,
    at: float,
    direction: Direction,
    caller: tuple[str | None, str | None],
    dialled: str | None,
    script: Script,
    legs: Sequence[Leg] = (),
    *,
    outcome: Outcome | None = "answered",
    queue: str | None = None,
    by: Side | None = "caller",
    transfers: Sequence[Transfer] = (),
    answered: float | None = None,
    provisional: bool = False,
    recordings: Sequence[str] = (),
    digits: str | None = None,
) -> CallRecord:
    """A call that began at ``at``; ``script`` is what its first party went through, ``caller`` (name, number)."""
    ends = [b for _, _, b in script if b is not None]
    length = max(ends, default=0.0)
    linkedid = f"{int(at)}.{key}"
    waits = [QueueWait(queue or "", b and b - a, answered is not None, at + a) for s, a, b in script if s == "queue"]
    return CallRecord(
        id=f"{PBX}-{linkedid}",
        pbx=PBX,
        kind="call",
        linkedid=linkedid,
        linkedids=(linkedid,),
        direction=direction,
        caller=Caller(number(caller[1]).number, caller[1], caller[0]),
        dialled=number(dialled),
        queue=queue,
        queue_waits=tuple(waits),
        started_at=at,
        answered_at=None if answered is None else at + answered,
        ended_at=None if provisional else at + length,
        wait_seconds=length if answered is None else answered,
        talk_seconds=0.0 if answered is None else spent(script, "talk", length) + spent(script, "hold", length),
        hold_seconds=spent(script, "hold", length),
        duration_seconds=None if provisional else length,
        outcome=None if provisional else outcome,
        hung_up_by=None if provisional else by,
        legs=tuple(legs),
        transfers=tuple(transfers),
        recordings=tuple(recordings),
        digits=digits,
        conference=None,
        provisional=provisional,
        caller_segments=segments(script, at),
    )


def clock(text: str, days_ago: int = 0) -> float:
    """``10:36`` of the sample's day, or of one before."""
    hour, minute = (int(part) for part in text.split(":"))
    day = dt.datetime.fromtimestamp(NOW, ZONE).date() - dt.timedelta(days=days_ago)
    return dt.datetime.combine(day, dt.time(hour, minute), ZONE).timestamp()


def transferred() -> CallRecord:
    """Two phones did not answer, the third talked, held, consulted a fourth and handed over: 7:02 in all."""
    at = clock("10:36")
    script: Script = (
        ("wait", 0, 14), ("queue", 14, 52), ("talk", 52, 190), ("hold", 190, 238), ("talk", 238, 422),
    )  # fmt: skip
    legs = (
        leg("203", at, (("ring", 14, 30),), "noanswer", 422),
        leg("208", at, (("ring", 30, 36),), "busy", 422),
        msgspec.structs.replace(  # in talk with the caller until it handed over, of which the caller was held for 0:48
            leg(
                "205",
                at,
                (("ring", 36, 52), ("talk", 52, 190), ("hold", 190, 196), ("consult", 196, 238)),
                "answered",
                422,
            ),
            talk_seconds=186.0,
            hold_seconds=48.0,
        ),
        leg("214", at, (("ring", 190, 196), ("consult", 196, 238), ("talk", 238, 422)), "answered", 422),
    )
    moved = Transfer("attended", "PJSIP/205", "214", at + 238)
    return record(
        "1", at, "inbound", ("مریم رستگار", "09123456789"), "02191004500", script, legs,
        queue="support", transfers=[moved], answered=52, digits="1",
        recordings=["2026/11/22/in-09123456789-103600.wav"],
    )  # fmt: skip


def simple(
    key: str, time: str, who: tuple[str | None, str | None], queue: str | None, ext: str, wait: float, talk: float,
    days_ago: int = 0,
) -> CallRecord:  # fmt: skip
    """An inbound call that one phone answered after ``wait`` seconds."""
    at = clock(time, days_ago)
    ring = max(wait - 6, 1.0)
    waiting: SegmentState = "queue" if queue else "ring"
    script: Script = (("wait", 0, 1), (waiting, 1, wait), ("talk", wait, wait + talk))
    rung = leg(ext, at, (("ring", ring, wait), ("talk", wait, wait + talk)), "answered", wait + talk)
    return record(key, at, "inbound", who, "02191004500", script, (rung,), queue=queue, answered=wait)


def abandoned(key: str, time: str, who: tuple[str | None, str | None], queue: str, wait: float) -> CallRecord:
    at = clock(time)
    rung = leg("203", at, (("ring", wait - 15, wait),), "cancelled", wait)
    script: Script = (("wait", 0, 4), ("queue", 4, wait))
    return record(key, at, "inbound", who, "02191004500", script, (rung,), queue=queue, outcome="abandoned")


def outbound(
    key: str, time: str, ext: str, number: str, ring: float, talk: float, outcome: Outcome = "answered",
    result: LegResult = "answered",
) -> CallRecord:  # fmt: skip
    """A phone of ours dialled an outside number."""
    at = clock(time)
    talking: Script = (("talk", 2 + ring, 2 + ring + talk),) if talk else ()
    end = 2 + ring + talk
    legs = (
        leg(ext, at, (("up", 0, 2), *(talking or (("up", 2, end),))), "answered", end),
        leg("trunk", at, (("ring", 2, 2 + ring), *talking), result, end, outside=True),
    )
    script: Script = (("wait", 0, 2), ("ring", 2, 2 + ring), *talking)
    return record(
        key, at, "outbound", (AGENTS[ext], ext), number, script, legs,
        outcome=outcome, answered=2 + ring if talk else None, by="agent" if talk else "system",
    )  # fmt: skip


def internal(key: str, time: str, ext: str, to: str, ring: float, talk: float) -> CallRecord:
    at, end = clock(time), ring + talk
    script: Script = (("ring", 0, ring), ("talk", ring, end))
    legs = (
        leg(ext, at, (("up", 0, ring), ("talk", ring, end)), "answered", end),
        leg(to, at, (("ring", 0, ring), ("talk", ring, end)), "answered", end),
    )
    return record(key, at, "internal", (AGENTS[ext], ext), to, script, legs, answered=ring, by="callee")


def blind() -> CallRecord:
    """Answered, handed to another phone unannounced, which took it after five seconds."""
    at = clock("09:40")
    script: Script = (("wait", 0, 3), ("queue", 3, 20), ("talk", 20, 80), ("ring", 80, 85), ("talk", 85, 205))
    legs = (
        leg("219", at, (("ring", 8, 20), ("talk", 20, 80)), "answered", 205),
        leg("223", at, (("ring", 80, 85), ("talk", 85, 205)), "answered", 205),
    )
    moved = Transfer("blind", "PJSIP/219", "223", at + 80)
    who = ("پرتو فیدار", "02177889900")
    return record("20", at, "inbound", who, "02191004500", script, legs, queue="sales", transfers=[moved], answered=20)


def log() -> list[CallRecord]:
    """What the call log holds, newest first: 34 calls of three days."""
    support, technical, sales, billing = "support", "technical", "sales", "billing"
    calls = [
        transferred(),
        outbound("2", "10:31", "203", "02166554400", 7, 164),
        abandoned("3", "10:28", (None, "09356120044"), support, 108),
        simple("4", "10:24", ("لاله نظری", "09171238890"), "warranty", "219", 8, 291),
        internal("5", "10:22", "205", "214", 4, 52),
        simple("6", "10:19", (None, None), sales, "232", 6, 97),
        outbound("7", "10:15", "205", "09198765432", 20, 0, "noanswer", "noanswer"),
        simple("8", "10:11", ("فولاد سپهر", "03136612200"), support, "202", 31, 483),
        simple("9", "10:07", ("ناصر عزتی", "09122223344"), billing, "223", 5, 340),
        outbound("10", "10:02", "208", "09021112233", 1, 0, "busy", "busy"),
        abandoned("11", "09:58", ("شرکت آروند", "02144332211"), technical, 54),
        simple("12", "09:51", ("Anna Schmidt", "+49301234567"), sales, "221", 11, 196),
        simple("13", "09:47", ("حسن کاوه", "09133334455"), support, "208", 19, 415),
        blind(),
        abandoned("14", "09:12", ("مریم رستگار", "09123456789"), support, 108),
        simple("15", "09:05", (None, "09011239876"), technical, "216", 7, 132),
        simple("16", "08:52", ("سعید بیات", "09021112233"), technical, "214", 14, 702),
        internal("17", "08:41", "214", "223", 6, 31),
        outbound("18", "08:36", "211", "02188712340", 9, 3725),
    ]
    for n in range(10):
        calls.append(
            simple(f"5{n}", f"{17 - n}:{10 + n}", (None, f"0912555{n:02}11"), technical, "216", 5 + n, 60 + 9 * n, 1)
        )
    for n in range(5):
        calls.append(
            simple(f"7{n}", f"{15 - n}:{30 + n}", (None, f"0935000{n:02}22"), sales, "221", 9 + n, 30 + 20 * n, 2)
        )
    return calls


# ---- now ---------------------------------------------------------------------------------------


def live_call(
    key: str, age: float, who: tuple[str | None, str | None], state: CallState, since: float,
    queue: str | None = None, phones: Sequence[tuple[str, LegState]] = (), direction: Direction = "inbound",
    dialled: str = "02191004500", spoke: float | None = None,
) -> LiveCall:  # fmt: skip
    """A call that is up: begun ``age`` seconds ago, in ``state`` for ``since`` seconds; ``phones`` are ours."""
    at = NOW - age
    begun: SegmentState = "queue" if queue else "wait"
    script: Script = ((begun, 0, None),) if spoke is None else ((begun, 0, spoke), ("talk", spoke, None))
    legs = []
    for ext, doing in phones:
        ring: Script = (("ring", age - since, None),)
        talked: Script = (("ring", (spoke or 0) - 4, spoke), ("talk", spoke or 0, None))
        legs.append(leg(ext, at, ring if doing == "ringing" else talked, None, age))
    base = record(
        key, at, direction, who, dialled, script, legs, queue=queue, answered=spoke, outcome=None, provisional=True
    )
    doing_now = tuple(
        LiveLeg(one.uniqueid, f"{one.endpoint}-0000{key}", one.endpoint, one.extension, doing, NOW - since)
        for one, (_, doing) in zip(legs, phones, strict=True)
    )
    return LiveCall(base, state, NOW - since, doing_now)


def live_calls() -> list[LiveCall]:
    """Eleven calls: talking, held, consulting, waiting, ringing, just arrived; the oldest first."""
    consulting: Sequence[tuple[str, LegState]] = (("207", "consulting"), ("231", "consulting"))
    both: Sequence[tuple[str, LegState]] = (("205", "ringing"), ("208", "ringing"))
    maryam, razi = ("مریم صادقی", "09121112233"), ("پخش رازی", "02166554400")
    return [
        live_call("901", 1470, (None, "02188712340"), "talking", 1458, "technical", [("201", "talking")], spoke=12),
        live_call("902", 715, maryam, "talking", 700, "technical", [("214", "talking")], spoke=15),
        live_call("903", 500, razi, "talking", 483, "support", [("203", "talking")], spoke=17),
        live_call("904", 270, ("فولاد سپهر", "03136612200"), "held", 72, "support", [("202", "held")], spoke=28),
        live_call("905", 221, ("حمید عابدی", "09121117788"), "held", 21, "technical", consulting, spoke=20),
        live_call("906", 250, (None, "211"), "talking", 238, None, [("211", "talking")], "outbound", "09171238890", 12),
        live_call("907", 112, (None, "09356120044"), "queued", 108, "support"),
        live_call("908", 74, ("پرتو فیدار", "02177889900"), "queued", 70, "support"),
        live_call("909", 44, (None, None), "queued", 40, "support"),
        live_call("910", 48, ("مریم رستگار", "09123456789"), "ringing", 6, "support", both),
        live_call("911", 3, (None, "09011239876"), "arriving", 3),
    ]


def member(ext: str, status: int = 1, paused: str | None = None) -> QueueMember:
    return QueueMember(f"PJSIP/{ext}", AGENTS[ext], status, paused is not None, paused, False, False)


def queues() -> list[QueueChanged]:
    support = (member("202", 8), member("203", 2), member("205", 6), member("208", 6), member("240", 1, "آموزش"))
    technical = (member("201", 2), member("207", 2), member("214", 2), member("216"), member("231", 2))
    return [
        QueueChanged(PBX, NOW, "support", 3, support),
        QueueChanged(PBX, NOW, "technical", 0, technical),
        QueueChanged(PBX, NOW, "sales", 0, (member("211", 2), member("221"), member("230"), member("232"))),
        QueueChanged(PBX, NOW, "billing", 0, (member("223"), member("241", 5), member("219"))),
    ]


def links(up: bool = True) -> list[PbxLinkChanged]:
    reason = "logged in" if up else "the PBX stopped answering (no reply to a ping for 10 s)"
    return [PbxLinkChanged(PBX, NOW - 3600 if up else NOW - 8, up, reason)]
