"""The picture in the docs is the table in the code."""

from __future__ import annotations

from pathlib import Path

from cti.live.call import TRANSITIONS
from cti.live.diagram import mermaid

ARCHITECTURE = Path(__file__).parents[3] / "docs" / "architecture.md"


def test_the_docs_show_the_table() -> None:
    assert f"```mermaid\n{mermaid()}```" in ARCHITECTURE.read_text("utf-8")


def test_every_transition_is_drawn() -> None:
    drawn = mermaid()
    for (state, stimulus), after in TRANSITIONS.items():
        assert any(line.strip().startswith(f"{state} --> {after}:") and stimulus in line for line in drawn.splitlines())


def test_every_state_can_be_reached_and_left() -> None:
    states = {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values())
    assert states - set(TRANSITIONS.values()) == {"new"}
    assert states - {state for state, _ in TRANSITIONS} == {"ended"}
