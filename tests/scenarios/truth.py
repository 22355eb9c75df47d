"""Holds call records to an ``expect.json``: a list of what differs, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cti.live.record import CallRecord, Leg

TOLERANCE = 0.1
SECOND = 1.1
"""A PBX that lists a call which began before we listened gives its start in whole seconds."""


def differences(records: Iterable[CallRecord], expect: dict[str, Any]) -> list[str]:
    """What is wrong with ``records``; empty if they are the truth."""
    by_linkedid = {record.linkedid: record for record in records}
    wanted = {call["linkedid"]: call for call in expect["calls"]}
    out = [f"{key}: not a call of this scenario" for key in by_linkedid if key not in wanted]
    for linkedid, call in wanted.items():
        record = by_linkedid.get(linkedid)
        if record is None:
            out.append(f"{linkedid}: missing")
        else:
            out += [f"{linkedid}: {problem}" for problem in compare(record, call)]
    return out


def near(a: float | None, b: float | None, tolerance: float = TOLERANCE) -> bool:
    return a is b or (a is not None and b is not None and abs(a - b) <= tolerance)


def compare(record: CallRecord, call: dict[str, Any]) -> list[str]:
    """What differs between a record and one call of an ``expect.json``."""
    seen = call.get("seen_from_start", True)
    exact = _facts(record, call, seen)
    timed = _times(record, call, seen)
    out = [f"{name} is {ours!r}, truly {truth!r}" for name, ours, truth in exact if ours != truth]
    out += [
        f"{name} is {ours!r}, truly {truth!r}" for name, ours, truth, slack in timed if not near(ours, truth, slack)
    ]
    return out


def _facts(record: CallRecord, call: dict[str, Any], seen: bool) -> list[tuple[str, Any, Any]]:
    rung = [leg for leg in record.legs if leg.role == "callee"] if record.kind == "call" else []
    facts = [
        ("kind", record.kind, call["kind"]),
        ("direction", record.direction, call["direction"]),
        ("linkedids", sorted(record.linkedids), sorted(call["linkedids"])),
        ("caller", record.caller.raw, None if call.get("anonymous") else call["caller_number"]),
        ("dialled", record.dialled.raw, call["dialled"]),
        ("queue", record.queue, call["queue"]),
        ("outcome", record.outcome, call["outcome"]),
        ("hung up by", record.hung_up_by, call["hung_up_by"]),
        ("conference", record.conference, call.get("conference")),
        ("digits", record.digits, call.get("digits")),
        ("legs", [(x.endpoint, x.uniqueid, x.result) for x in rung],
         [(x["endpoint"], x["uniqueid"], x["result"]) for x in call["legs"]]),
        ("transfers", [(x.kind, x.from_, x.to) for x in record.transfers],
         [(x["kind"], x["from"], x["to"]) for x in call["transfers"]]),
    ]  # fmt: skip
    if "caller_name" in call:
        facts.append(("name", record.caller.name, call["caller_name"]))
    if seen:
        facts.append(("recording", next(iter(record.recordings), None), call["recording"]))
        facts.append(("waits", [(w.queue, w.answered) for w in record.queue_waits],
                      [(w["queue"], w["answered"]) for w in call["queue_waits"]]))  # fmt: skip
    return facts


def _times(record: CallRecord, call: dict[str, Any], seen: bool) -> list[tuple[str, Any, Any, float]]:
    rung = [leg for leg in record.legs if leg.role == "callee"]
    times: list[tuple[str, Any, Any, float]] = [
        ("started", record.started_at, call["started_at"], TOLERANCE if seen else SECOND),
        ("ended", record.ended_at, call["ended_at"], TOLERANCE),
        ("hold", record.hold_seconds, call["hold_seconds"], TOLERANCE),
    ]
    for ours, truth in zip(rung, call["legs"], strict=False):
        times.append((f"{ours.endpoint} ended", ours.ended_at, truth["ended_at"], TOLERANCE))
    for leg, moved in zip(record.transfers, call["transfers"], strict=False):
        times.append((f"{leg.kind} transfer", leg.at, moved["at"], TOLERANCE))
    if not seen:
        return times
    times += [
        ("answered", record.answered_at, call["answered_at"], TOLERANCE),
        ("wait", record.wait_seconds, call["wait_seconds"], TOLERANCE),
    ]
    for ours, truth in zip(rung, call["legs"], strict=False):
        times.append((f"{ours.endpoint} rang", ours.rang_at, truth["rang_at"], TOLERANCE))
        times.append((f"{ours.endpoint} answered", ours.answered_at, truth["answered_at"], TOLERANCE))
    for wait, queued in zip(record.queue_waits, call["queue_waits"], strict=False):
        times.append((f"wait in {wait.queue}", wait.seconds, queued["seconds"], TOLERANCE))
    for what in ("talk_seconds", "consult_seconds"):
        sums = _by_phone(record.legs, what)
        for endpoint in sorted(set(sums) | set(call[what])):
            times.append((f"{what} of {endpoint}", sums.get(endpoint, 0.0), call[what].get(endpoint, 0.0), TOLERANCE))
    return times


def _by_phone(legs: tuple[Leg, ...], what: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for leg in legs:
        if not leg.outside and getattr(leg, what) > 0:
            sums[leg.endpoint] = sums.get(leg.endpoint, 0.0) + getattr(leg, what)
    return sums
