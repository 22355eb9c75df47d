"""What two parties have in common says how likely they are one, and why."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.contacts.model import Party, PartyMail, PartyNumber
from crm_core.duplicates.likeness import ENOUGH, compare

MOBILE, DESK = "+989121112233", "+982188664523"


def party(**values: Any) -> Party:
    values["numbers"] = tuple(PartyNumber(raw=key, key=key) for key in values.pop("numbers", ()))
    values["mails"] = tuple(PartyMail(address) for address in values.pop("mails", ()))
    return Party(**{"id": "x", "kind": "person", "name": "الف", **values})


@pytest.mark.parametrize(
    ("one", "other", "kinds"),
    [
        ({"numbers": [MOBILE]}, {"name": "ب", "numbers": [MOBILE]}, ["number"]),
        ({"mails": ["Ali@x.example"]}, {"name": "ب", "mails": ["ali@X.example"]}, ["mail"]),
        ({"national_id": "1"}, {"name": "ب", "national_id": "1"}, ["national_id"]),
        ({"name": "آقای علی‌رضا کریمی", "company_name": "شرکت پارس"}, {"name": "عليرضا كريمي", "company_name": "پارس"},
         ["name", "company"]),
        ({"numbers": [DESK]}, {"numbers": [DESK]}, ["number", "name"]),
        ({"birth_date": "1990-01-01"}, {"birth_date": "1990-01-01"}, ["birth_date", "name"]),
        ({"kind": "company", "name": "شرکت پارس‌تک"}, {"kind": "company", "name": "پارس تک"}, ["name"]),
        ({"kind": "company", "economic_code": "4"}, {"kind": "company", "name": "ب", "economic_code": "4"},
         ["economic_code"]),
    ],
)  # fmt: skip
def test_enough_in_common(one: dict[str, Any], other: dict[str, Any], kinds: list[str]) -> None:
    score, reasons = compare(party(**one), party(**other))
    assert score >= ENOUGH
    assert [reason.kind for reason in reasons] == kinds
    assert all(reason.value for reason in reasons)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {}),  # a name alone
        ({"numbers": [DESK]}, {"name": "ب", "numbers": [DESK]}),  # two at one desk
        ({"mails": ["info@x.example"]}, {"name": "ب", "mails": ["info@x.example"]}),
        ({"numbers": [MOBILE], "national_id": "1"}, {"numbers": [MOBILE], "national_id": "2"}),
        ({"kind": "company", "numbers": [MOBILE]}, {"numbers": [MOBILE]}),
        ({"company_name": "پارس"}, {"company_name": "البرز"}),
        ({"name": ""}, {"name": ""}),
    ],
)
def test_not_enough(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert compare(party(**one), party(**other))[0] < ENOUGH


def test_more_in_common_is_likelier() -> None:
    little = compare(party(numbers=[MOBILE]), party(name="ب", numbers=[MOBILE]))[0]
    assert compare(party(numbers=[MOBILE]), party(numbers=[MOBILE]))[0] > little
    everything = {"numbers": [MOBILE, DESK], "mails": ["a@x.example"], "national_id": "1", "birth_date": "1990-01-01"}
    assert compare(party(**everything), party(**everything))[0] == 100
