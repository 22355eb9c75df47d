"""The state machine of a channel as a picture, printed from its table: ``python -m cti.live.diagram``.

``docs/architecture.md`` holds the output; a test holds the file to it.
"""

from __future__ import annotations

from cti.live.call import TRANSITIONS


def mermaid() -> str:
    """``TRANSITIONS`` as a mermaid state diagram, several stimuli between two states on one arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, stimulus), after in TRANSITIONS.items():
        arrows.setdefault((state, after), []).append(stimulus)
    lines = ["stateDiagram-v2", "    [*] --> new"]
    lines += [f"    {state} --> {after}: {', '.join(stimuli)}" for (state, after), stimuli in arrows.items()]
    return "\n".join([*lines, "    ended --> [*]"]) + "\n"


if __name__ == "__main__":
    print(mermaid(), end="")
