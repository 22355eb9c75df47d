"""The oracle agrees with what was written down by hand for the recorded traces: two that cannot be wrong together."""

import json
from pathlib import Path

import pytest

from tests.pbx.truth import Truth, read

TRACES = Path(__file__).parent.parent / "fixtures/ami"
# CEL has no row for ChanSpy, so it cannot tell listening in from a call that nobody was dialled for.
BLIND_TO = {"chanspy_whisper"}
SCENARIOS = sorted(path.parent for path in TRACES.glob("*/*/expect.json") if path.parent.name not in BLIND_TO)
# Endpoints whose talk the traces do not note: outside lines, and the phone that takes any number of calls.
NOT_NOTED = {"PJSIP/trunk", "PJSIP/trunk-a", "PJSIP/trunk-b", "PJSIP/load"}
TOLERANCE_SECONDS = 0.05


@pytest.mark.parametrize("folder", SCENARIOS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_oracle_finds_the_calls_of_a_trace(folder: Path) -> None:
    expected = json.loads((folder / "expect.json").read_text(encoding="utf-8"))["calls"]
    expected.sort(key=lambda one: one["started_at"])
    found = read(folder / "cel.csv")
    assert [one.linkedids for one in found] == [tuple(sorted(one["linkedids"])) for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert_same(one, other)


def assert_same(one: Truth, other: dict[str, object]) -> None:
    for name in ("direction", "outcome", "hung_up_by", "answered_by"):
        assert getattr(one, name) == other[name], name
    for name in ("started_at", "ended_at"):
        assert getattr(one, name) == pytest.approx(other[name], abs=TOLERANCE_SECONDS), name
    assert noted(one.talk) == pytest.approx(noted(other["talk_seconds"]), abs=TOLERANCE_SECONDS)
    assert one.consult == pytest.approx(other["consult_seconds"], abs=TOLERANCE_SECONDS)
    legs = other["legs"]
    assert isinstance(legs, list)
    assert [(leg.endpoint, leg.result) for leg in one.legs] == [(leg["endpoint"], leg["result"]) for leg in legs]


def noted(seconds: object) -> dict[str, float]:
    assert isinstance(seconds, dict)
    return {name: value for name, value in seconds.items() if name not in NOT_NOTED}
