"""What stands in the address of the list of people, and what it asks for."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.contacts.model import PartyFilter
from crm_core.fields.model import FieldDef
from web.format import Formats
from web.people_filters import read

NOW = 1795338000.0  # 22 November 2026, 1 Azar 1405
F = Formats("fa", "Asia/Tehran", "IR", lambda text: text, lambda: NOW)
CREDIT = FieldDef(id="1", kind="person", name="credit", type="money")
MEMO = FieldDef(id="2", kind="person", name="memo", type="text")


def wanted(**query: str) -> PartyFilter:
    return read(query, F, NOW, "u1", (CREDIT, MEMO)).wanted


@pytest.mark.parametrize(
    ("query", "changes"),
    [
        ({}, {}),
        ({"text": " علی "}, {"text": "علی"}),
        ({"owner": "me"}, {"owner": "u1"}),
        ({"owner": "nobody", "team": "nobody"}, {"owner": "", "team": ""}),
        ({"owner": "u2"}, {"owner": "u2"}),
        ({"calls": "no"}, {"do_not_call": True}),
        ({"calls": "yes", "number": "none"}, {"do_not_call": False, "has_number": False}),
        (
            {"kind": "company", "order": "changed", "deleted": "yes"},
            {"kind": "company", "order": "changed", "deleted": True},
        ),
        ({"created_since": "۱۴۰۵/۹/۱"}, {"created_from": 1795293000.0}),
        ({"changed_until": "2026-11-22"}, {"changed_to": 1795379400.0}),
        ({"field_credit": "۵۰۰"}, {"fields": (("credit", "is", "۵۰۰"),)}),
        ({"field_memo": "tea"}, {"fields": (("memo", "contains", "tea"),)}),
    ],
    ids=str,
)
def test_what_is_asked(query: dict[str, str], changes: dict[str, Any]) -> None:
    assert wanted(**query) == PartyFilter(**changes)


@pytest.mark.parametrize("name", ["kind", "order", "calls", "number", "created_since", "changed_until", "field_credit"])
def test_what_cannot_be_read_is_said(name: str) -> None:
    asked = read({name: "nonsense"}, F, NOW, "u1", (CREDIT, MEMO))
    assert list(asked.problems) == [name]
    assert asked.wanted == PartyFilter()


def test_links() -> None:
    asked = read({"tier": "vip", "tag": "a b"}, F, NOW, "u1")
    assert asked.link() == "/contacts?tag=a+b&tier=vip"
    assert asked.link({"tier": None, "cursor": "x"}) == "/contacts?tag=a+b&cursor=x"
    assert read({}, F, NOW, "u1").link() == "/contacts"
    assert asked.narrowed
    assert not read({"kind": "person", "order": "changed"}, F, NOW, "u1").narrowed
