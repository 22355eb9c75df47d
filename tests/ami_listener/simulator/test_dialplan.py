from __future__ import annotations

import pytest

from ami_listener.simulator.apps import APPS
from ami_listener.simulator.dialplan import Dialplan, Step, expand
from tests.ami_listener.simulator.recorded import sequences
from tests.ami_listener.simulator.scripted import Lab
from tests.ami_listener.simulator.test_channel import channel

PLAN = Dialplan(
    {
        "internal": {
            "_7XX": [Step("ParkedCall", "default,${EXTEN}")],
            "_NXX": [Step("Dial", "PJSIP/${EXTEN},20")],
            "_09X.": [Step("Dial", "PJSIP/${EXTEN}@trunk,30")],
            "299": [Step("Hangup")],
        }
    },
    APPS,
)


@pytest.mark.parametrize(
    ("exten", "app"),
    [("701", "ParkedCall"), ("201", "Dial"), ("299", "Hangup"), ("09121112233", "Dial"), ("101", None), ("09", None)],
)
def test_extensions_match_exactly_first_and_then_by_pattern(exten: str, app: str | None) -> None:
    steps = PLAN.steps("internal", exten)
    assert [step.app for step in steps] == ([] if app is None else [app])
    assert PLAN.steps("nowhere", exten) == ()


def test_only_a_trunk_leads_outside() -> None:
    assert PLAN.leads_outside("internal", "09121112233")
    assert not PLAN.leads_outside("internal", "201") and not PLAN.leads_outside("internal", "999999")


def test_variables_are_filled_in() -> None:
    one = channel()
    one.move("internal", "0219100201")
    one.variables["DIGIT"] = "3"
    assert expand(one, "menu,${DIGIT},1") == "menu,3,1"
    assert expand(one, "PJSIP/${EXTEN:7}") == "PJSIP/201"
    assert expand(one, "${UNIQUEID}.wav,${NONE}") == f"{one.uniqueid}.wav,"


def test_steps_are_announced_with_their_priorities() -> None:
    lab = Lab()
    lab.call_in("5000")
    lab.run(0.1)
    apps = [e.partition(" ")[2] for e in sequences(lab.stream)["PJSIP/trunk 1"] if e.startswith("Newexten")]
    assert apps == ["NoOp", "Answer", "Set", "Set", "MixMonitor", "Queue"]
    assert lab.live("trunk").priority == 6
