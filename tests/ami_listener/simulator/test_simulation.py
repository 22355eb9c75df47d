"""The whole stream of calls: repeatable, complete, and understood by our own reader and tracker."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from ami_listener.replay import replay
from ami_listener.simulator.options import SimulatorOptions, profile
from ami_listener.simulator.simulation import GREETING, Simulation, play
from cti.live.profile import Profile, ProfileSettings
from tests.ami_listener.simulator.oracle import differences
from tests.ami_listener.simulator.scripted import EPOCH


def options(calls: int, seed: int, **more: object) -> SimulatorOptions:
    return SimulatorOptions(calls=calls, seed=seed, start_at=EPOCH, **more)  # type: ignore[arg-type]


def stream(calls: int, seed: int) -> bytes:
    return b"".join(play(Simulation(options(calls, seed))))


def test_the_same_seed_plays_the_same_calls() -> None:
    assert stream(60, seed=7) == stream(60, seed=7)
    assert stream(60, seed=7) != stream(60, seed=8)


def test_it_begins_as_asterisk_does() -> None:
    assert stream(1, seed=1).startswith(GREETING.encode())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_our_records_are_the_truth(seed: int) -> None:
    chosen = options(500, seed)
    simulation = Simulation(chosen)
    records = replay(play(simulation), Profile(ProfileSettings(**profile(chosen))))  # type: ignore[arg-type]
    assert len(simulation.truth) == 500
    assert differences(simulation.truth, records) == []


def test_load_leaves_nothing_behind() -> None:
    chosen = options(2000, 5, calls_per_second=300.0, agents=0)
    simulation = Simulation(chosen)
    records = replay(play(simulation, step=0.05), Profile(ProfileSettings(**profile(chosen))))  # type: ignore[arg-type]
    pbx = simulation.pbx
    assert len(simulation.truth) == simulation.finished == pbx.calls_processed - _absorbed(simulation) == len(records)
    assert not (pbx.channels or pbx.slots or pbx.consults or pbx.conferences)
    assert [bridge.type for bridge in pbx.bridges.values()] in ([], ["parking"])
    assert not any(device.channels or device.talking or device.in_use for device in pbx.devices.values())
    assert not any(queue.waiting for queue in pbx.queues.values())


def _absorbed(simulation: Simulation) -> int:
    """Calls that became part of another: phones that fetched a parked caller."""
    return sum(len(call.linkedids) - 1 for call in simulation.truth)


def test_every_kind_of_call_comes_up() -> None:
    simulation = Simulation(options(800, 11))
    list(play(simulation))
    truth = simulation.truth
    assert {call.outcome for call in truth} == {"answered", "abandoned", "noanswer", "busy", "failed", "voicemail"}
    assert {call.direction for call in truth} == {"inbound", "outbound", "internal"}
    assert {t.kind for call in truth for t in call.transfers} == {"blind", "attended", "park"}
    assert any(call.hold_seconds for call in truth) and any(call.consult for call in truth)
    assert any(call.conference for call in truth) and any(call.digits for call in truth)
    queues = Counter(call.queue for call in truth)
    assert all(queues[name] > 10 for name in ("support", "sales", "billing", "warranty"))


def test_truth_is_forgotten_beyond_its_limit() -> None:
    simulation = Simulation(options(100, 2, truth_limit=40))
    list(play(simulation))
    assert simulation.finished == 100
    assert 20 <= len(simulation.truth) <= 40


def test_books_are_appended_with_one_header(tmp_path: Path) -> None:
    for seed in (1, 2):
        list(play(Simulation(options(20, seed, cdr_folder=tmp_path))))
    with (tmp_path / "cel.csv").open(encoding="utf-8") as file:
        events = list(csv.DictReader(file))
    with (tmp_path / "cdr.csv").open(encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    starts = Counter(row["eventtype"] for row in events)
    assert starts["CHAN_START"] == starts["CHAN_END"] > 40
    assert len({row["linkedid"] for row in records}) >= 39
    assert all(float(row["end"]) >= float(row["start"]) >= EPOCH for row in records)


def test_a_graceful_end_leaves_complete_books(tmp_path: Path) -> None:
    for moment in (40.0, 77.0, 131.0):
        simulation = Simulation(options(10_000, 4, cdr_folder=tmp_path))
        simulation.advance(EPOCH + moment)
        assert simulation.pbx.channels
        simulation.shut_down()
        simulation.write_books()
        assert not simulation.pbx.channels and len(simulation.truth) == simulation.finished
    with (tmp_path / "cel.csv").open(encoding="utf-8") as file:
        counts = Counter(row["eventtype"] for row in csv.DictReader(file))
    assert counts["CHAN_START"] == counts["CHAN_END"] > 60


def test_log_events_are_sent_on_demand() -> None:
    plain = b"".join(play(Simulation(options(20, 1))))
    told = b"".join(play(Simulation(options(20, 1, cel_events=True))))
    assert b"Event: CEL\r\n" not in plain and b"Event: Cdr\r\n" not in plain
    assert b"Event: CEL\r\n" in told and b"Event: Cdr\r\n" in told
