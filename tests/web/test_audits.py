"""Words of the audit: every action has some, and links lead where records are."""

from __future__ import annotations

from crm_core.audit.service import ACTIONS, AuditEntry
from web import audits
from web.audits import Fact, facts, link


def entry(detail: dict[str, object] | None) -> AuditEntry:
    return AuditEntry("1", 1.0, "u", "U", "user", "", "", "changed", "contact", "c", detail)


def test_every_action_has_words() -> None:
    assert set(audits.ACTIONS) == set(ACTIONS)


def test_facts() -> None:
    detail: dict[str, object] = {
        "format": "csv",
        "changed": {"tags": [[], ["a", "b"]], "odd": 5, "fields": [{}, {"x": 1}]},
    }
    assert facts(entry(detail), str) == (
        Fact("Kind of file", "csv"),
        Fact("Tags", "a, b", "–"),
        Fact("odd", "5"),
        Fact("Further fields", "x: 1", "–"),
    )
    assert facts(entry(None), str) == ()


def test_links() -> None:
    assert link("call", "main-1.0/x") == "/calls/main-1.0%2Fx"
    assert link("call", "") is None and link("role", "r") is None


def test_a_number_is_said_as_people_know_it() -> None:
    number = {"raw": "09123456789", "kind": "mobile", "e164": "+989123456789", "key": "+989123456789"}
    (fact,) = facts(entry({"changed": {"numbers": [[], [number]]}}), str)
    assert (fact.before, fact.after) == ("–", "09123456789")
