"""Holds the product's records to the lab's oracle (`tests.pbx.truth`), and to what a flow expects."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from cti.live.record import CallRecord, Leg
from tests.pbx import truth
from tests.pbx.moves import Expected, Flow
from tests.pbx.truth import Truth

TOLERANCE_SECONDS = 0.1
# CEL has no row for these, so what they did to the call shows only elsewhere.
NOT_IN_CEL = {"redirect"}


def disagreements(
    records: Sequence[CallRecord], truths: Sequence[Truth], moments: float = TOLERANCE_SECONDS
) -> list[str]:
    """What differs between the log and the truth, in words: calls that are missing, doubled or made up, and fields.

    How long somebody talked may be a tenth of a second off, when something happened `moments`: on a busy machine the
    threads of Asterisk that write CEL and AMI see the same event at different times.
    """
    by_linkedid: dict[str, list[CallRecord]] = {}
    for record in records:
        for linkedid in record.linkedids:
            by_linkedid.setdefault(linkedid, []).append(record)
    found: list[str] = []
    told: set[str] = set()
    for one in truths:
        ours = {record.id: record for linkedid in one.linkedids for record in by_linkedid.get(linkedid, ())}
        told |= ours.keys()
        name = one.linkedids[0]
        if len(ours) != 1:
            found.append(f"{name}: {'missing' if not ours else f'{len(ours)} records: {sorted(ours)}'}")
        else:
            found += [f"{name}: {problem}" for problem in differences(next(iter(ours.values())), one, moments)]
    return [*found, *(f"{record.id}: no call of the truth" for record in records if record.id not in told)]


def differences(record: CallRecord, one: Truth, moments: float = TOLERANCE_SECONDS) -> list[str]:
    """Every field that the oracle knows, held to ours."""
    out = [f"{name} is {ours!r}, truly {true!r}" for name, ours, true in _facts(record, one) if ours != true]
    timed = (
        *((*lengths, TOLERANCE_SECONDS) for lengths in _lengths(record, one)),
        *((*when, moments) for when in _moments(record, one)),
    )
    return out + [f"{name} is {ours}, truly {true}" for name, ours, true, off in timed if not near(ours, true, off)]


def near(a: float | None, b: float | None, off: float) -> bool:
    return a is b or (a is not None and b is not None and abs(a - b) <= off)


def _facts(record: CallRecord, one: Truth) -> Iterator[tuple[str, Any, Any]]:
    yield "provisional", record.provisional, False
    yield "linkedids", sorted(record.linkedids), sorted(one.linkedids)
    yield "direction", record.direction, one.direction
    yield "outcome", record.outcome, one.outcome
    yield "hung up by", record.hung_up_by, one.hung_up_by
    forwarded = {leg.uniqueid for leg in record.legs if leg.result == "forwarded"}
    yield "legs", _legs(callees(record)), _legs(one.legs, forwarded)
    moves = [(move.kind, move.from_) for move in record.transfers if move.kind not in NOT_IN_CEL]
    yield "transfers", [_mover(*move) for move in moves], [_mover(move.kind, move.by) for move in one.transfers]


def _mover(kind: str, by: str | None) -> tuple[str, str | None]:
    """Of a parking CEL tells who was parked, we by whom."""
    return kind, None if kind == "park" else by


def _legs(legs: Iterable[Leg | truth.Leg], forwarded: Container[str] = ()) -> list[tuple[str, str, str | None]]:
    """CEL tells a forwarding by the cause of the hang-up alone, which is now and then missing; `noanswer` remains."""
    told = [(leg, leg.result == "noanswer" and leg.uniqueid in forwarded) for leg in legs]
    return sorted((leg.uniqueid, leg.endpoint, "forwarded" if sure else leg.result) for leg, sure in told)


def callees(record: CallRecord) -> list[Leg]:
    return [leg for leg in record.legs if leg.role == "callee"]


def _lengths(record: CallRecord, one: Truth) -> Iterator[tuple[str, float, float]]:
    for what, true in (("talk_seconds", one.talk), ("consult_seconds", one.consult)):
        ours = _by_phone(record.legs, what)
        for endpoint in sorted(ours.keys() | _phones(true, record)):
            yield f"{what} of {endpoint}", ours.get(endpoint, 0.0), true.get(endpoint, 0.0)


def _moments(record: CallRecord, one: Truth) -> Iterator[tuple[str, float | None, float | None]]:
    yield "started", record.started_at, one.started_at
    yield "ended", record.ended_at, one.ended_at
    if one.direction != "outbound" and record.conference is None:  # where waiting for others counts as answered
        yield "answered", record.answered_at, one.first_talk_at
    true_legs = {leg.uniqueid: leg for leg in one.legs}
    for leg in callees(record):
        if leg.uniqueid in true_legs:
            other = true_legs[leg.uniqueid]
            yield f"{leg.endpoint} rang", leg.rang_at, other.rang_at
            yield f"{leg.endpoint} answered", leg.answered_at, other.answered_at
            yield f"{leg.endpoint} ended", leg.ended_at, other.ended_at
    moves = [move for move in record.transfers if move.kind not in NOT_IN_CEL]
    for move, other_move in zip(moves, one.transfers, strict=False):
        yield f"{move.kind} transfer", move.at, other_move.at


def _by_phone(legs: Iterable[Leg], what: str) -> dict[str, float]:
    sums: dict[str, float] = {}
    for leg in legs:
        if not leg.outside:
            sums[leg.endpoint] = sums.get(leg.endpoint, 0.0) + getattr(leg, what)
    return sums


def _phones(seconds: Mapping[str, float], record: CallRecord) -> set[str]:
    """The endpoints but those of outside lines, whose talk is the talk of whoever is on the other side."""
    outside = {leg.endpoint for leg in record.legs if leg.outside}
    return {name for name in seconds if name not in outside and "/trunk" not in name}


# --- what a person watching would say


def surprises(flow: Flow, records: Sequence[CallRecord]) -> list[str]:
    """What is not as the flow says. `records`: its calls, in order of start."""
    if len(records) != len(flow.calls):
        return [f"{len(records)} calls, expected {len(flow.calls)}: {[record.id for record in records]}"]
    pairs = zip(flow.calls, records, strict=True)
    return [f"call {n}: {what}" for n, (expected, record) in enumerate(pairs, 1) for what in _held(expected, record)]


def _held(expected: Expected, record: CallRecord) -> Iterator[str]:
    names = ("kind", "direction", "outcome", "hung_up_by")
    for name in names if expected.kind == "call" else names[:-1]:
        if getattr(record, name) != getattr(expected, name):
            yield f"{name} is {getattr(record, name)!r}, expected {getattr(expected, name)!r}"
    kinds = tuple(move.kind for move in record.transfers)
    if kinds != expected.transfers:
        yield f"transfers are {kinds}, expected {expected.transfers}"
    talked = {peer(leg) for leg in record.legs if leg.talk_seconds > 0}
    if not talked >= set(expected.talked) - {"*"}:
        yield f"{sorted(talked)} talked, expected {expected.talked}"
    yield from _held_legs(expected, callees(record))


def _held_legs(expected: Expected, legs: list[Leg]) -> Iterator[str]:
    """How each phone ended that was rung; of one rung several times, the last."""
    results = {peer(leg): leg.result for leg in legs}
    if "*" in expected.results:
        if not set(expected.results.values()) <= set(results.values()):
            yield f"legs ended {results}, expected {dict(expected.results)}"
    elif results != dict(expected.results):
        yield f"legs ended {results}, expected {dict(expected.results)}"


def peer(leg: Leg) -> str:
    """`201` of `PJSIP/201`."""
    return leg.endpoint.partition("/")[2]
