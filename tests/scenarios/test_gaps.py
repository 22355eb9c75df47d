"""Many calls, and the link lost among them: what lies outside the gap is exact, what lies in it is right or lost."""

from __future__ import annotations

import random
from functools import cache

import pytest

from ami_listener.replay import Replay, replay
from cti.live.profile import Profile, ProfileSettings
from cti.live.record import CallRecord
from tests.scenarios import recorded
from tests.scenarios.mixing import beside, events_only, mixed
from tests.scenarios.pbx_state import PbxState
from tests.scenarios.recorded import header

BURSTS = ("asterisk-22/burst_50_concurrent", "asterisk-16/burst_50_concurrent")
DAYS = 4
LEFT_OUT = ("burst", "resync", "conference")
"""Conferences: who else is in the room is part of a call, and may have been told in the gap."""


@cache
def day(seed: int) -> tuple[bytes, ...]:
    """Seven recorded flows that overlap, as the blocks of one stream."""
    rng = random.Random(seed)
    names = rng.sample([s for s in recorded.SCENARIOS if not any(word in s for word in LEFT_OUT)], 7)
    base = recorded.raw(names[0])
    stream: bytes = b"".join(events_only(base))
    for n, name in enumerate(names[1:], 1):
        other = beside(recorded.raw(name), base, n, rng.randrange(3 * n))
        stream = mixed(recorded.blocks(stream), events_only(other))
    return tuple(recorded.blocks(stream))


def blocks_of(scenario: str | int) -> tuple[bytes, ...]:
    return day(scenario) if isinstance(scenario, int) else tuple(events_only(recorded.raw(scenario)))


def profile() -> Profile:
    return Profile(ProfileSettings(extensions=r"^((99)?2\d\d|load)$", trunks="^trunk", area_code="021"))


@cache
def truth(scenario: str | int) -> dict[str, CallRecord]:
    return {r.linkedid: r for r in replay([b"".join(blocks_of(scenario))], profile())}


@cache
def extents(scenario: str | int) -> dict[str, tuple[int, int]]:
    """First and last block that speak of each call."""
    owner = {linkedid: call.linkedid for call in truth(scenario).values() for linkedid in call.linkedids}
    found: dict[str, tuple[int, int]] = {}
    for n, block in enumerate(blocks_of(scenario)):
        for name in (b"Linkedid", b"DestLinkedid"):
            call = owner.get(header(block, name).decode())
            if call is not None:
                found[call] = (found.get(call, (n, n))[0], n)
    return found


def answers_among(state: PbxState, after: list[bytes], rng: random.Random) -> bytes:
    """The PBX's answers with live events in between, as a proxy or a slow PBX may send them."""
    out, events, listing = [], iter(after), False
    for answer in recorded.blocks(state.answers()):
        out.append(answer)
        listing = listing or b"EventList: start" in answer
        if listing:
            out += [event for _, event in zip(range(rng.randrange(3)), events, strict=False)]
    return b"".join([*out, *events])


def play(scenario: str | int, seed: int, gaps: int, among: bool) -> tuple[Replay, list[tuple[int, int]]]:
    """The stream with gaps in it: the replay, and where they were."""
    rng = random.Random(seed)
    parts = list(blocks_of(scenario))
    edges = sorted(rng.sample(range(2, len(parts) - 1), 2 * gaps))
    holes = list(zip(edges[::2], edges[1::2], strict=True))
    run, state = Replay(profile()), PbxState()
    run.feed(b"Asterisk Call Manager/11.0.0\r\n")
    at = 0
    for n, (lost, back) in enumerate(holes):
        run.feed(b"".join(parts[at:lost]))
        for part in parts[at:back]:
            state.take(part)
        end = holes[n + 1][0] if n + 1 < len(holes) else len(parts)
        at = min(back + 60, end) if among else back
        run.feed(answers_among(state, parts[back:at], rng) if among else state.answers())
        for part in parts[back:at]:
            state.take(part)
    run.feed(b"".join(parts[at:]))
    return run, holes


@pytest.mark.parametrize("among", [False, True], ids=["answers at once", "answers among events"])
@pytest.mark.parametrize("gaps", [1, 2, 3])
@pytest.mark.parametrize("scenario", [*range(DAYS), BURSTS[0]])
@pytest.mark.parametrize("seed", range(4))
def test_only_calls_that_were_up_in_a_gap_are_doubted(scenario: str | int, gaps: int, among: bool, seed: int) -> None:
    run, holes = play(scenario, seed, gaps, among)
    records = {record.linkedid: record for record in run.finish()}
    assert [record.id for record in records.values() if record.provisional] == []
    for linkedid, right in truth(scenario).items():
        first, last = extents(scenario)[linkedid]
        found = records.get(linkedid)
        if all(last < lost or first >= back for lost, back in holes):
            assert found == right
        elif found is not None and found.outcome != "lost":
            assert found == right, "a call that is not lost is right"
    strangers = [record for linkedid, record in records.items() if linkedid not in truth(scenario)]
    assert all(record.outcome == "lost" for record in strangers), "the part of a call whose beginning is not known"


@pytest.mark.parametrize("seed", range(20))
def test_a_list_cut_short_ends_nothing(seed: int) -> None:
    """An item is lost out of the answers: the list is not believed, the next one is."""
    rng = random.Random(seed)
    parts = list(blocks_of(BURSTS[0]))
    state = PbxState()
    at = rng.randrange(200, len(parts) - 600)
    for part in parts[:at]:
        state.take(part)
    items = recorded.blocks(state.answers())
    del items[rng.choice([n for n, item in enumerate(items) if b"Event: CoreShowChannel\r" in item])]
    answers = b"".join(item for item in items if not item.startswith((b"Asterisk", b"Event: FullyBooted")))
    run = Replay(profile())
    run.feed(b"".join(parts[:at]) + answers + b"".join(parts[at:]))
    assert {record.linkedid: record for record in run.finish()} == truth(BURSTS[0])
    assert run.tracker.oddities["a list came incomplete"] == 1


@pytest.mark.parametrize("seed", range(20))
def test_a_list_at_any_moment_changes_nothing(seed: int) -> None:
    """The periodic question, asked while everything is known."""
    rng = random.Random(seed)
    scenario: str | int = rng.choice([*range(DAYS), BURSTS[0]])
    parts = list(blocks_of(scenario))
    state, out, asked = PbxState(), [], rng.randrange(20, 400)
    for n, part in enumerate(parts):
        state.take(part)
        out.append(part)
        if n % asked == asked - 1:
            out += [
                b for b in recorded.blocks(state.answers()) if not b.startswith((b"Asterisk", b"Event: FullyBooted"))
            ]
    run = Replay(profile())
    run.feed(b"".join(out))
    assert {record.linkedid: record for record in run.finish()} == truth(scenario)
