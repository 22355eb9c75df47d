"""Every recorded stream comes to its truth, however it is cut, filtered, timed, named or interrupted."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ami_listener.replay import Replay, replay
from cti.live.profile import Profile
from tests.scenarios import recorded
from tests.scenarios.pbx_state import with_gap
from tests.scenarios.truth import compare, differences

SMALL = [s for s in recorded.SCENARIOS if not s.endswith("burst_50_concurrent")]


@pytest.mark.parametrize("scenario", recorded.SCENARIOS)
def test_records_are_the_truth(scenario: str) -> None:
    records = replay([recorded.raw(scenario)], recorded.profile(scenario))
    assert differences(records, recorded.expected(scenario)) == []
    assert not any(record.provisional for record in records)


@pytest.mark.parametrize("scenario", recorded.SCENARIOS)
def test_nothing_in_a_recorded_stream_is_odd(scenario: str) -> None:
    run = Replay(recorded.profile(scenario))
    run.feed(recorded.raw(scenario))
    run.finish()
    assert not run.translator.unknown
    assert not run.translator.malformed
    assert not run.tracker.oddities


@pytest.mark.parametrize("scenario", recorded.SCENARIOS)
def test_a_production_pbx_gives_the_same(scenario: str) -> None:
    records = replay([recorded.as_production(recorded.raw(scenario))], recorded.profile(scenario))
    assert differences(records, recorded.expected(scenario)) == []


@pytest.mark.parametrize("scenario", recorded.SCENARIOS)
def test_arrival_times_serve_where_the_pbx_sends_none(scenario: str) -> None:
    stream, times = recorded.without_timestamps(scenario)
    run = Replay(recorded.profile(scenario), times=times)
    run.feed(stream)
    assert differences(run.finish(), recorded.expected(scenario)) == []


@pytest.mark.parametrize("scenario", recorded.SCENARIOS)
def test_names_decide_nothing(scenario: str) -> None:
    before = replay([recorded.raw(scenario)], recorded.profile(scenario))
    after = replay([recorded.renamed(recorded.raw(scenario))], Profile(recorded.RENAMED))
    assert [_shape(record) for record in after] == [_shape(record) for record in before]


def _shape(record):
    legs = [(x.uniqueid, x.role, x.result, x.talk_seconds, x.consult_seconds, x.hold_seconds) for x in record.legs]
    return (record.id, record.direction, record.outcome, record.hung_up_by, record.wait_seconds,
            record.hold_seconds, legs, [(t.kind, t.at) for t in record.transfers])  # fmt: skip


@pytest.mark.parametrize("scenario", SMALL[::3])
def test_byte_by_byte_gives_the_same(scenario: str) -> None:
    stream = recorded.as_production(recorded.raw(scenario))
    whole = replay([stream], recorded.profile(scenario))
    assert replay((stream[i : i + 1] for i in range(len(stream))), recorded.profile(scenario)) == whole


@given(seed=st.integers(0, 2**32), scenario=st.sampled_from(SMALL))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_split_gives_the_same(seed: int, scenario: str) -> None:
    stream = recorded.raw(scenario)
    rng = random.Random(seed)
    cuts = sorted(rng.randrange(len(stream)) for _ in range(rng.randrange(1, 40)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert replay(chunks, recorded.profile(scenario)) == replay([stream], recorded.profile(scenario))


@given(seed=st.integers(0, 2**32), scenario=st.sampled_from(recorded.SCENARIOS))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_after_a_lost_link_a_record_is_right_or_lost(seed: int, scenario: str) -> None:
    stream = recorded.raw(scenario)
    rng = random.Random(seed)
    count = len(recorded.blocks(stream))
    lost_at = rng.randrange(2, count)
    back_at = rng.randrange(lost_at, count)
    records = replay([with_gap(stream, lost_at, back_at)], recorded.profile(scenario))
    truth = {call["linkedid"]: call for call in recorded.expected(scenario)["calls"]}
    ghosts = [r.id for r in records if r.provisional]
    wrong = {r.id: compare(r, truth[r.linkedid]) for r in records if r.outcome != "lost" and r.linkedid in truth}
    assert not ghosts
    assert not {key: problems for key, problems in wrong.items() if problems}
