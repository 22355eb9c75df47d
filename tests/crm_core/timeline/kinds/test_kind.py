"""Every kind keeps its promises: its facts survive being stored, old ones still fit, its page has a template."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from crm_core.timeline.kinds import BY_NAME, KINDS
from crm_core.timeline.kinds.call import CallFacts
from crm_core.timeline.kinds.file import FileFacts
from crm_core.timeline.kinds.kind import Kind, unmasked
from crm_core.timeline.kinds.note import NoteFacts
from crm_core.timeline.kinds.result import ResultFacts
from crm_core.timeline.kinds.system import SystemFacts
from crm_core.timeline.kinds.task import TaskFacts

NUMBER = "09121112233"
SAMPLES: dict[str, msgspec.Struct] = {
    "call": CallFacts("main", "inbound", "answered", "+989121112233", NUMBER, f"home {NUMBER}"),
    "note": NoteFacts(f"call {NUMBER}", "Elham"),
    "result": ResultFacts("Elham", f"call {NUMBER}", "sale", ("فروش",), ("Sale",), "star", "positive"),
    "file": FileFacts(f"{NUMBER}.pdf", 7, "application/pdf"),
    "task": TaskFacts("t", "made", f"call {NUMBER}"),
    "system": SystemFacts("number_added", what=NUMBER, raw=NUMBER),
}


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_promises(kind: Kind) -> None:
    facts = SAMPLES[kind.name]
    assert isinstance(facts, kind.facts)
    text = msgspec.json.encode(facts)
    assert msgspec.json.decode(text, type=kind.facts) == facts
    assert msgspec.json.decode(text[:-1] + b',"later":1}', type=kind.facts) == facts
    assert b"1112" not in msgspec.json.encode(kind.masked(facts))
    assert (Path(__file__).parents[4] / "web/templates/timeline" / f"{kind.name}.html").exists()


def test_names_are_unique_and_short() -> None:
    assert len(BY_NAME) == len(KINDS)
    assert all(name.isidentifier() for name in BY_NAME)


def test_what_has_no_numbers_is_shown_as_it_is() -> None:
    assert unmasked("facts") == "facts"
