"""The simulator against the recorded streams of a real Asterisk 22: the same events, headers, log and outcome."""

from __future__ import annotations

import csv
import io

import pytest

from ami_listener.simulator import cdr, cel
from ami_listener.simulator.wire import KINDS
from tests.ami_listener.simulator.recorded import (
    FOLDER,
    SCENARIOS,
    cel_sequences,
    expected,
    raw,
    sequences,
    shapes,
)
from tests.ami_listener.simulator.scenarios import PLAYED

TOLERANCE = 0.1
NOT_SHOWN = frozenset(("MixMonitorStop", "MixMonitorMute", "InvalidPassword"))
"""Events that no recording has."""


@pytest.fixture(scope="module")
def recorded_shapes() -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for scenario in SCENARIOS:
        for name, kinds in shapes(raw(scenario)).items():
            found.setdefault(name, set()).update(kinds)
    return found


@pytest.mark.parametrize("scenario", PLAYED)
def test_events_of_each_channel_come_in_the_recorded_order(scenario: str) -> None:
    assert sequences(PLAYED[scenario]().stream) == sequences(raw(scenario))


@pytest.mark.parametrize("scenario", PLAYED)
def test_every_event_has_the_recorded_headers(scenario: str, recorded_shapes: dict[str, set[tuple[str, ...]]]) -> None:
    for name, kinds in shapes(PLAYED[scenario]().stream).items():
        assert kinds <= recorded_shapes[name], name


def test_privileges_are_the_recorded_ones() -> None:
    seen = {}
    for scenario in SCENARIOS:
        for block in raw(scenario).decode().split("\r\n\r\n"):
            lines = dict(line.partition(": ")[::2] for line in block.strip("\r\n").split("\r\n"))
            if lines.get("Event") in KINDS and "Timestamp" in lines:
                seen[lines["Event"]] = lines["Privilege"]
    assert seen == {name: f"{kind.privilege},all" for name, kind in KINDS.items() if name not in NOT_SHOWN}


def _rows(header: str, rows: list[str]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("\n".join([header, *rows]))))


@pytest.mark.parametrize("scenario", [name for name in PLAYED if name != "conference_three"])
def test_channel_event_log_is_the_recorded_one(scenario: str) -> None:
    # A conference's announcer has channels of its own in the log, which are not simulated.
    with (FOLDER / scenario / "cel.csv").open(encoding="utf-8") as file:
        wanted = cel_sequences(csv.DictReader(file))
    assert cel_sequences(_rows(cel.HEADER, PLAYED[scenario]().pbx.cel.rows)) == wanted


@pytest.mark.parametrize(
    "scenario",
    ["queue_answered", "did_answered", "ring_group_one_answers", "blind_transfer", "busy_phone", "hold_unhold"],
)
def test_call_detail_records_are_the_recorded_ones(scenario: str) -> None:
    def essence(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
        def base(channel: str) -> str:
            return channel.rpartition("-")[0]

        return sorted(
            (base(r["channel"]), base(r["dstchannel"]), r["dst"], r["dcontext"], r["lastapp"], r["disposition"])
            for r in rows
        )

    with (FOLDER / scenario / "cdr.csv").open(encoding="utf-8") as file:
        wanted = essence(list(csv.DictReader(file)))
    assert essence(_rows(cdr.HEADER, PLAYED[scenario]().pbx.cdr.rows)) == wanted


@pytest.mark.parametrize("scenario", [name for name in PLAYED if name != "conference_three"])
def test_truth_tells_what_the_recording_expects(scenario: str) -> None:
    (call,) = PLAYED[scenario]().truth
    (wanted,) = expected(scenario)["calls"]
    assert (call.outcome, call.hung_up_by, call.direction) == (
        wanted["outcome"],
        wanted["hung_up_by"],
        wanted["direction"],
    )
    assert call.queue == wanted["queue"]
    assert [(leg.endpoint, leg.result) for leg in call.legs] == [(w["endpoint"], w["result"]) for w in wanted["legs"]]
    assert {(t.kind, t.from_, t.to) for t in call.transfers} == {
        (t["kind"], t["from"], t["to"]) for t in wanted["transfers"]
    }
    assert set(call.talk) == set(wanted["talk_seconds"])
    assert set(call.consult) == set(wanted["consult_seconds"])
    assert [w.answered for w in call.queue_waits] == [w["answered"] for w in wanted["queue_waits"]]
    assert call.digits == wanted.get("digits", "")
    assert len(call.recordings) == (wanted["recording"] is not None)
