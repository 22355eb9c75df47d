"""Anybody is found, however he is written and however one asks."""

from __future__ import annotations

import pytest

from crm_core.contacts import index, store
from crm_core.contacts.finding import MOST_ASKED, Asked, find, grams
from crm_core.contacts.model import Party, PartyMail, PartyNumber
from cti.kernel.db import Database

PEOPLE = (
    Party(id="half", kind="person", name="علی‌رضا کریمی", numbers=(PartyNumber(raw="x", key="+989121112233"),)),
    Party(id="space", kind="person", name="آقای علی رضا کریمی", numbers=(PartyNumber(raw="x", key="+982188664523"),)),
    Party(id="none", kind="person", name="مهندس علیرضا كريمي", mails=(PartyMail("Ali.Reza@Example.com"),)),
    Party(id="arash", kind="person", name="آرش رئیسی", tags=("همکار قدیمی",)),
    Party(id="pars", kind="company", name="شرکت پارس تک", numbers=(PartyNumber(raw="x", key="30004505000017"),)),
    Party(id="works", kind="person", name="Peter Müller", company_name="شرکت پارس تک"),
)


@pytest.fixture
async def filled(database: Database) -> Database:
    async with database.transaction() as tx:
        await store.insert(tx, PEOPLE, lambda _party: ())
    return database


async def ids(database: Database, text: str, **how: object) -> list[str]:
    async with database.read() as reader:
        return await find(reader, text, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "typed", ["علی‌رضا", "علی رضا", "علیرضا", "علي رضا", "عَلیرضا", "علیرضا کر", "کریمی", "دکتر علیرضا"]
)
async def test_three_ways_find_each_other(filled: Database, typed: str) -> None:
    assert set(await ids(filled, typed)) == {"half", "space", "none"}


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("کریمی علی رضا", {"half", "space", "none"}),  # any order
        ("ارش رییسی", {"arash"}),
        ("آرش", {"arash"}),
        ("رئیس", {"arash"}),
        ("همکار", {"arash"}),
        ("muller", {"works"}),
        ("PETER", {"works"}),
        ("پارس", {"pars", "works"}),
        ("شرکت پارس‌تک", {"pars", "works"}),
        ("پارستک", {"pars", "works"}),
        ("ali.reza@ex", {"none"}),
        ("هیچ‌کس", set()),
        ("", set()),
        ("   ", set()),
        ("%", set()),
        ("'", set()),
    ],
)
async def test_names_and_words(filled: Database, typed: str, who: set[str]) -> None:
    assert set(await ids(filled, typed)) == who


@pytest.mark.parametrize(
    ("typed", "who"),
    [
        ("09121112233", "half"), ("+989121112233", "half"), ("00989121112233", "half"), ("989121112233", "half"),
        ("9121112233", "half"), ("۰۹۱۲ ۱۱۱ ۲۲۳۳", "half"), ("0912-111", "half"), ("2233", "half"), ("233", "half"),
        ("11122", "half"), ("021 8866", "space"), ("88664523", "space"), ("4523", "space"), ("30004505", "pars"),
        ("05000017", "pars"), ("0017", "pars"), ("۰۰۰۱۷", "pars"),
    ],
)  # fmt: skip
async def test_any_part_of_a_number_in_any_form(filled: Database, typed: str, who: str) -> None:
    assert await ids(filled, typed) == [who]


@pytest.mark.parametrize("typed", ["12", "0", "98", "+98", "9122111", "00000"])
async def test_too_little_or_another_number(filled: Database, typed: str) -> None:
    assert await ids(filled, typed) == []


async def test_kinds(filled: Database) -> None:
    assert await ids(filled, "پارس", kind="company") == ["pars"]
    assert await ids(filled, "پارس", kind="person") == ["works"]
    assert await ids(filled, "3000", kind="person") == []
    assert await ids(filled, "3000", kind="company") == ["pars"]


async def test_whole_names_come_before_beginnings_and_words(database: Database) -> None:
    names = ("حسین رضا", "رضایی", "رضا احمدی", "رضا")
    async with database.transaction() as tx:
        await index.put(tx, [Party(id=name, kind="person", name=name) for name in names])
    assert await ids(database, "رضا") == ["رضا", "رضا احمدی", "رضایی", "حسین رضا"]
    assert await ids(database, "رضا", limit=2) == ["رضا", "رضا احمدی"]


async def test_letters_alone_begin_names(filled: Database) -> None:
    assert await ids(filled, "پ", kind="company") == ["pars"]


def test_what_is_typed_is_bounded() -> None:
    assert len(Asked.of("الف " * 10_000).words) <= MOST_ASKED
    assert Asked.of("ب" * 100_000).key == "ب" * 200
    assert Asked.of("\ud800\0").empty


@pytest.mark.parametrize("typed", ["0012345679", "0" * 50, "9" * 400, "1" * 12, "+", "++98", "(021"])
async def test_numbers_that_are_none(filled: Database, typed: str) -> None:
    assert await ids(filled, typed) in ([], ["space"])


def test_grams() -> None:
    assert [gram[1:] for gram in grams("12345")] == ["123", "234", "345"]
    assert grams("12") == []


async def test_terms_of_our_own_cannot_be_asked_for(filled: Database) -> None:
    for typed in (*grams("2233"), "d223", "person"):
        assert await ids(filled, typed) in ([], ["half"])  # the digits alone are a part of a number
    assert await ids(filled, grams("2233")[0], whole=True) == []


async def test_whole_numbers_only(filled: Database) -> None:
    for typed in ("09121112233", "+98 912 111 2233", "۹۱۲۱۱۱۲۲۳۳"):
        assert await ids(filled, typed, whole=True) == ["half"]
    for typed in ("0912111223", "2233", "0912", "121112233"):
        assert await ids(filled, typed, whole=True) == []
