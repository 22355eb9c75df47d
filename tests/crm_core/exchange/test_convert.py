"""Rows made contacts, by the code that checks forms."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.contacts.model import Party
from crm_core.exchange.convert import Converter, Plan, Prepared
from crm_core.exchange.rows import Row
from crm_core.fields.model import FieldDef

FIELDS = (
    FieldDef(id="1", kind="person", name="size", type="integer", fa="اندازه"),
    FieldDef(id="2", kind="person", name="must", type="text", fa="لازم", required=True),
    FieldDef(id="3", kind="company", name="size", type="text", fa="اندازهٔ شرکت"),
)


def made(cells: dict[str, str], **plan: Any) -> Prepared:
    return Converter(Plan(mapping=tuple(cells), **plan)).row(Row(7, tuple(cells.values())))


def party(cells: dict[str, str], **plan: Any) -> Party:
    found = made(cells, **plan)
    assert found.party is not None, found.faults
    assert found.faults == ()
    return found.party


def test_everything_at_once() -> None:
    one = party(
        {
            "name": "دکتر علی رضایی", "first_name": "علي", "last_name": "رضايي", "number:mobile": "9121234567",
            "number:work": "02188664523", "extension": "۱۲", "mail": "Ali@Example.com; b@c.ir", "address": "آزادی ۱",
            "city": "تهران", "postal_code": "۱۲۳۴۵۶۷۸۹۰", "tags": "الف، ب;ج", "roles": "مشتری", "tier": "ویژه",
            "national_id": "84575948", "birth_date": "۱۳۶۵/۰۲/۱۴", "do_not_sms": "بله", "company_name": "پارس",
            "link:website": "example.com",
        },
        tags=("همه",), source="نمایشگاه",
    )  # fmt: skip
    assert (one.name, one.first_name, one.last_name) == ("دکتر علی رضایی", "علي", "رضايي")
    assert [(n.kind, n.e164, n.extension) for n in one.numbers] == [
        ("mobile", "+989121234567", ""), ("work", "+982188664523", "12"),
    ]  # fmt: skip
    assert [mail.address for mail in one.mails] == ["Ali@Example.com", "b@c.ir"]
    assert (one.addresses[0].text, one.addresses[0].city, one.addresses[0].postal_code) == (
        "آزادی ۱",
        "تهران",
        "1234567890",
    )
    assert one.tags == ("الف", "ب", "ج", "همه")
    assert (one.roles, one.tier, one.national_id, one.birth_date) == (("customer",), "vip", "0084575948", "1986-05-04")
    assert (one.do_not_sms, one.source, one.company_name) == (True, "نمایشگاه", "پارس")


def test_a_row_with_a_company_alone_is_a_company() -> None:
    assert (party({"name": "", "company_name": "نور"}).kind, party({"company_name": "نور"}).name) == ("company", "نور")
    assert party({"kind": "حقوقی", "name": "البرز"}).kind == "company"
    assert party({"name": "البرز"}, kind="company").kind == "company"


def test_local_numbers_get_the_area_code_that_was_told() -> None:
    assert party({"name": "x", "number": "88664523"}, area_code="021").numbers[0].e164 == "+982188664523"
    (number,) = party({"name": "x", "number": "88664523"}).numbers
    assert (number.e164, number.raw) == (None, "88664523")


def test_all_that_is_wrong_is_found_at_once() -> None:
    row = made({"name": "x", "number": "نه", "mail": "x@", "birth_date": "1370/13/45", "do_not_call": "شاید"})
    assert row.party is None
    assert sorted(fault.column for fault in row.faults) == [1, 2, 3, 4]
    assert row.cells == ("x", "نه", "x@", "1370/13/45", "شاید")


def test_or_is_left_out() -> None:
    row = made({"name": "x", "number": "نه", "mail": "a@b.ir", "birth_date": "1370/13/45"}, on_fault="leave_out")
    assert row.party is not None
    assert (row.party.numbers, row.party.birth_date, len(row.party.mails)) == ((), "", 1)
    assert len(row.faults) == 2


@pytest.mark.parametrize("on_fault", ["set_aside", "leave_out"])
@pytest.mark.parametrize("cells", [{"name": ""}, {"mail": "a@b.ir"}, {"name": "x" * 5000}, {"name": "\u202e\u200e"}])
def test_nobody_is_made_without_a_name(cells: dict[str, str], on_fault: str) -> None:
    row = made(cells, on_fault=on_fault)
    assert row.party is None
    assert row.faults


def test_custom_fields() -> None:
    row = made({"name": "x", "field:size": "۱۲.0", "field:must": "y"}, fields=FIELDS)
    assert row.party is not None
    assert row.party.fields == {"size": 12, "must": "y"}
    assert made({"name": "x", "field:must": ""}, fields=FIELDS).party is None
    assert made({"name": "x", "field:size": "زیاد", "field:must": "y"}, fields=FIELDS).faults[0].column == 1


def test_notes_and_keys_go_along() -> None:
    row = made({"name": "علی", "note": "سطر\nدو", "number": "09121234567"})
    assert row.note == "سطر\nدو"
    assert row.keys == ("pn+989121234567",)
    assert row.ready is not None


def test_a_row_shorter_than_the_mapping() -> None:
    assert Converter(Plan(mapping=("name", "mail", "number"))).row(Row(2, ("علی",))).party is not None
