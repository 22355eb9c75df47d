"""What somebody wrote, cleaned: a table of what becomes of it, and of what is refused."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from crm_core.contacts.draft import block, line, number, numbers, revised, tags
from crm_core.contacts.model import Draft, DraftNumber, Party, PartyAddress, PartyLink, PartyMail
from cti.kernel.errors import InvalidError
from cti.live.numbers import e164

NUMBER = partial(e164, region="IR", area_code="021")
PERSON = Party(id="p", kind="person", name="مریم رستگار", first_name="مریم", last_name="رستگار")
COMPANY = Party(id="c", kind="company", name="سپهر")


def person(**draft: Any) -> Party:
    return revised(PERSON, Draft(**draft), NUMBER)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  مریم \t رستگار\n", "مریم رستگار"),
        ("a\0b\x07c", "abc"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("\u202eevil\u202c", "evil"),
        ("\u200f\u200e \ufeff", ""),
        ("x\ud800y", "xy"),
        ("<b>&", "<b>&"),
        ("a\u2028b", "a b"),
    ],
)
def test_a_line(written: str, kept: str) -> None:
    assert line(written, "name", 200) == kept


def test_a_line_that_is_too_long() -> None:
    for text in ("x" * 201, "x" * 10_000_000, "\u200b" * 5 + "y" * 300):
        with pytest.raises(InvalidError, match="at most 200"):
            line(text, "name", 200)


def test_a_block_keeps_its_lines() -> None:
    assert block(" a  b \r\n\r\nc\0 ", "addresses", 100) == "a b\n\nc"
    with pytest.raises(InvalidError):
        block("x" * 101, "addresses", 100)


@pytest.mark.parametrize(
    ("draft", "name", "parts"),
    [
        ({"first_name": "سارا"}, "سارا رستگار", ("سارا", "رستگار")),
        ({"first_name": "", "last_name": "الف"}, "الف", ("", "الف")),
        ({"name": "دکتر رستگار"}, "دکتر رستگار", ("", "")),
        ({"name": "مریم رستگار"}, "مریم رستگار", ("مریم", "رستگار")),
        ({"name": "م. رستگار", "first_name": "م"}, "م. رستگار", ("م", "رستگار")),
        ({"tier": "VIP"}, "مریم رستگار", ("مریم", "رستگار")),
    ],
)
def test_the_name(draft: dict[str, Any], name: str, parts: tuple[str, str]) -> None:
    found = person(**draft)
    assert (found.name, (found.first_name, found.last_name)) == (name, parts)


def test_somebody_must_have_a_name() -> None:
    for draft in ({"name": " "}, {"first_name": "", "last_name": "\u200c"}):
        with pytest.raises(InvalidError, match="must be filled in"):
            person(**draft)


def test_a_company_has_no_parts_and_no_company() -> None:
    found = revised(COMPANY, Draft(first_name="x", company_name="y", company_id="z"), NUMBER)
    assert (found.name, found.first_name, found.company_name, found.company_id) == ("سپهر", "", "", None)


@pytest.mark.parametrize(
    ("raw", "full", "extension", "kind"),
    [
        ("۰۹۱۲۳۴۵۶۷۸۹", "+989123456789", "", "mobile"),
        ("9123456789", "+989123456789", "", "mobile"),
        ("+98 (912) 345-6789", "+989123456789", "", "mobile"),
        ("021-88664523 داخلی ۱۱۸", "+982188664523", "118", "work"),
        ("88664523", "+982188664523", "", "work"),
        ("+49 30 1234567", "+49301234567", "", "work"),
        ("+44 7911 123456", "+447911123456", "", "mobile"),
        ("201", None, "", "other"),
    ],
)
def test_a_number(raw: str, full: str | None, extension: str, kind: str) -> None:
    found = number(DraftNumber(raw), NUMBER)
    assert found is not None
    assert (found.e164, found.extension, found.kind) == (full, extension, kind)


def test_the_same_number_twice_is_one() -> None:
    given = ["09123456789", "+98 912 345 6789", "۹۱۲۳۴۵۶۷۸۹", "", "021-88664523", "021 88664523 ext 2"]
    found = numbers([DraftNumber(raw) for raw in given], NUMBER)
    assert [(one.raw, one.extension) for one in found] == [
        ("09123456789", ""),
        ("021-88664523", ""),
        ("021 88664523", "2"),
    ]


def test_mails_addresses_links_tags_roles() -> None:
    found = person(
        mails=(PartyMail(" A@b.example "), PartyMail("a@B.example", "work"), PartyMail("")),
        addresses=(
            PartyAddress("x", postal_code="۱۲۳۴۵۶۷۸۹۰"),
            PartyAddress(),
            PartyAddress("x", postal_code="1234567890"),
        ),
        links=(
            PartyLink("https://x.example/?a=1", "website"),
            PartyLink("@maryam", "Telegram"),
            PartyLink("x.example:80"),
        ),
        tags=("#دارو", "دارو ", "حمل‌سرد", "حمل سرد", ""),
        roles=("Customer", "customer", " "),
    )
    assert [one.address for one in found.mails] == ["A@b.example"]
    assert [one.postal_code for one in found.addresses] == ["1234567890"]
    assert [(one.value, one.kind) for one in found.links] == [
        ("https://x.example/?a=1", "website"),
        ("@maryam", "telegram"),
        ("x.example:80", "other"),
    ]
    assert (found.tags, found.roles) == (("دارو", "حمل‌سرد"), ("customer",))


@pytest.mark.parametrize(
    ("written", "kept"),
    [("1360/10/14", "1982-01-04"), ("۱۳۶۰-۱۰-۱۴", "1982-01-04"), ("1982-01-04", "1982-01-04"), ("", "")],
)
def test_a_birthday(written: str, kept: str) -> None:
    assert person(birth_date=written).birth_date == kept


def test_codes_have_latin_digits() -> None:
    assert person(national_id="۰۰۸ ۴۵۷۵۹۴۸").national_id == "0084575948"


@pytest.mark.parametrize(
    ("draft", "at"),
    [
        ({"numbers": (DraftNumber("hello"),)}, "numbers"),
        ({"numbers": (DraftNumber("0912" * 30),)}, "numbers"),
        ({"numbers": (DraftNumber("09120000000", kind="pager"),)}, "numbers"),
        ({"numbers": tuple(DraftNumber(f"0912{n:07}") for n in range(51))}, "numbers"),
        ({"mails": (PartyMail("nobody"),)}, "mails"),
        ({"mails": (PartyMail("a@b@c"),)}, "mails"),
        ({"mails": (PartyMail("<a@b.c>"),)}, "mails"),
        ({"links": (PartyLink("javascript:alert(1)"),)}, "links"),
        ({"links": (PartyLink(" JavaScript:alert(1)"),)}, "links"),
        ({"links": (PartyLink("data:text/html,x"),)}, "links"),
        ({"links": (PartyLink("x", "myspace"),)}, "links"),
        ({"birth_date": "1405/13/01"}, "birth_date"),
        ({"birth_date": "soon"}, "birth_date"),
        ({"source_at": float("inf")}, "source_at"),
        ({"source_at": -1.0}, "source_at"),
        ({"tags": tuple(map(str, range(101)))}, "tags"),
        ({"position": "x" * 201}, "position"),
        ({"owner": "x" * 65}, "owner"),
    ],
)
def test_what_cannot_be_names_its_field(draft: dict[str, Any], at: str) -> None:
    with pytest.raises(InvalidError) as refused:
        person(**draft)
    assert refused.value.values["at"] == at
    assert len(str(refused.value)) < 400


def test_a_name_alone_means_the_company_of_that_name() -> None:
    there = revised(PERSON, Draft(company_id="c"), NUMBER)
    assert revised(there, Draft(company_name=""), NUMBER).company_id is None
    assert revised(there, Draft(company_name="other"), NUMBER).company_id is None
    assert revised(there, Draft(company_id=None), NUMBER).company_name == ""


def test_nothing_said_changes_nothing() -> None:
    assert person() == PERSON
    assert tags(()) == ()
