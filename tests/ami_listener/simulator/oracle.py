"""Our records held against what the simulated PBX knows: lost, doubled, and each figure that differs.

Times and lengths may differ by a tenth of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ami_listener.simulator.truth import SimCall
from cti.live.record import CallRecord

TOLERANCE = 0.1
Figures = dict[str, object]


def differences(truth: Iterable[SimCall], records: Iterable[CallRecord]) -> list[str]:
    """A line per difference; none if every call has its one record and all figures agree."""
    calls = list(truth)
    by_linkedid: dict[str, list[CallRecord]] = {}
    known = list(records)
    for record in known:
        for linkedid in record.linkedids:
            by_linkedid.setdefault(linkedid, []).append(record)
    found = [line for call in calls for line in _differs(call, by_linkedid.get(call.linkedid, []))]
    told = {linkedid for call in calls for linkedid in (call.linkedid, *call.linkedids)}
    found += [f"{record.id}: a call that never was" for record in known if not told & set(record.linkedids)]
    return found


def _differs(call: SimCall, records: list[CallRecord]) -> Iterator[str]:
    if len(records) != 1:
        yield f"{call.linkedid}: {'lost' if not records else f'{len(records)} records'}"
        return
    ours, theirs = _of_record(records[0]), _of_call(call)
    for key, wanted in theirs.items():
        if not _same(ours[key], wanted):
            yield f"{call.linkedid} ({call.direction}, {call.outcome}): {key} is {ours[key]!r}, was {wanted!r}"


def _same(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= TOLERANCE
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_same(*pair) for pair in zip(one, other, strict=True))
    return one == other


def _audible(seconds: dict[str, float]) -> dict[str, float]:
    return {endpoint: length for endpoint, length in seconds.items() if length > TOLERANCE / 2}


def _of_call(call: SimCall) -> Figures:
    return {
        "kind": call.kind,
        "direction": call.direction,
        "outcome": call.outcome,
        "hung_up_by": call.hung_up_by,
        "caller": None if call.caller == "anonymous" else call.caller,
        "dialled": call.dialled,
        "queue": call.queue,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "wait": call.wait_seconds,
        "hold": call.hold_seconds,
        "talk": _audible(call.talk),
        "consult": _audible(call.consult),
        "legs": Counter((leg.endpoint, leg.result) for leg in call.legs),
        "transfers": [(t.kind, t.from_, t.to) for t in call.transfers],
        "waits": [[w.queue, w.answered, w.seconds] for w in call.queue_waits],
        "digits": call.digits,
        "conference": call.conference,
        "recordings": set(call.recordings),
    }


def _of_record(record: CallRecord) -> Figures:
    talk: Counter[str] = Counter()
    consult: Counter[str] = Counter()
    for leg in record.legs:
        if not leg.outside:
            talk[leg.endpoint] += leg.talk_seconds  # type: ignore[assignment]
            consult[leg.endpoint] += leg.consult_seconds  # type: ignore[assignment]
    rung = [leg for leg in record.legs if leg.role == "callee" or leg.rang_at is not None]
    return {
        "kind": record.kind,
        "direction": record.direction,
        "outcome": record.outcome,
        "hung_up_by": record.hung_up_by,
        "caller": record.caller.raw,
        "dialled": record.dialled.raw,
        "queue": record.queue,
        "started_at": record.started_at,
        "answered_at": record.answered_at,
        "ended_at": record.ended_at,
        "wait": record.wait_seconds,
        "hold": record.hold_seconds,
        "talk": _audible(dict(talk)),
        "consult": _audible(dict(consult)),
        "legs": Counter((leg.endpoint, leg.result) for leg in rung),
        "transfers": [(t.kind, t.from_, t.to) for t in record.transfers],
        "waits": [[w.queue, w.answered, w.seconds] for w in record.queue_waits],
        "digits": record.digits or "",
        "conference": record.conference,
        "recordings": set(record.recordings),
    }
