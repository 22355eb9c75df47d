"""The words of imports."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from crm_core.exchange.convert import Fault
from crm_core.exchange.model import OnMatch, State
from crm_core.fields.model import FieldDef
from tests.crm_core.exchange.test_store import an_import
from web import i18n
from web.import_words import ON_MATCH, STATES, reason, share, target_names, targets


def test_each_state_and_choice_has_its_word() -> None:
    assert set(STATES) == set(get_args(State))
    assert {key for key, _ in ON_MATCH} == set(get_args(OnMatch))


def test_custom_fields_are_a_group() -> None:
    field = FieldDef(id="1", kind="person", name="a", type="text", fa="الف")
    *_, (_, own) = targets((field,), str, "fa")
    assert own == [("field:a", "الف")]
    assert target_names((), str, "en")["number:mobile"] == "Mobile"


def test_reasons_name_fields_in_the_readers_language() -> None:
    say = i18n.translations("fa").gettext
    fault = Fault(0, "%(field)s: at most %(count)s characters.", {"field": "Name", "count": 3})
    assert reason(fault, say).startswith("نام")
    assert reason(Fault(0, "There is no name.", {}), str) == "There is no name."


@pytest.mark.parametrize(
    ("changes", "done"),
    [
        ({"total": 10, "created": 5}, 0.5), ({"total": None}, None), ({"state": "done", "total": 10}, None),
        ({"state": "reverting", "created": 4, "reverted": 1}, 0.25), ({"state": "reverting"}, None),
    ],
)  # fmt: skip
def test_share(changes: dict[str, object], done: float | None) -> None:
    assert share(msgspec.structs.replace(an_import("1"), **changes)) == done
