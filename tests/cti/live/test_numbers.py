"""Every way in which a number reaches us becomes one E.164, and nothing else becomes one."""

from __future__ import annotations

import pytest

from cti.live.numbers import e164, latin_digits, withheld

MOBILE = "+989121112233"
TEHRAN = "+982188880000"


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("09121112233", MOBILE), ("+989121112233", MOBILE), ("989121112233", MOBILE), ("00989121112233", MOBILE),
        ("9121112233", MOBILE), ("۰۹۱۲۱۱۱۲۲۳۳", MOBILE), ("٠٩١٢١١١٢٢٣٣", MOBILE), ("0912-111 22 33", MOBILE),
        ("+98 (0)912 111 2233", MOBILE), ("+98 0912 111 2233", MOBILE), ("009809121112233", MOBILE),
        ("sip:09121112233@10.0.0.1", MOBILE), ("tel:+989121112233;phone-context=x", MOBILE),
        ("\u202a09121112233\u202c", MOBILE),
        ("02188880000", TEHRAN), ("88880000", TEHRAN), ("2188880000", TEHRAN), ("00982188880000", TEHRAN),
        ("982188880000", TEHRAN), ("021 8888 0000", TEHRAN),
        ("05138888888", "+985138888888"),
        ("+442071838750", "+442071838750"), ("00442071838750", "+442071838750"),
        ("00390612345678", "+390612345678"),
    ],
)  # fmt: skip
def test_what_iran_sends(raw: str, number: str) -> None:
    assert e164(raw, "IR", "021") == number


@pytest.mark.parametrize(
    ("raw", "number"),
    [("0612345678", "+390612345678"), ("+390612345678", "+390612345678"), ("3331234567", "+393331234567")],
)
def test_italy_keeps_its_leading_zero(raw: str, number: str) -> None:
    assert e164(raw, "IT") == number


@pytest.mark.parametrize(
    "raw",
    ["", "201", "5001", "110", "1234567", "9902123", "*45402", "*09121112233", "#31#09121112233", "alice09121112233",
     "09121112233x", "anonymous", "+", "00", "0" * 20, "9" * 5000, "+98912111223", "<unknown>", "09121112233,201"],
)  # fmt: skip
def test_what_is_no_subscriber(raw: str) -> None:
    assert e164(raw, "IR", "021") is None


@pytest.mark.parametrize("raw", ["909121112233", "900989121112233", "9989121112233", "09121112233"])
def test_the_outside_prefix_is_dropped_where_it_leads_a_number(raw: str) -> None:
    assert e164(raw, "IR", "021", "9") == MOBILE


def test_the_outside_prefix_before_a_local_number() -> None:
    assert e164("988880000", "IR", "021", "9") == TEHRAN
    assert e164("88880000", "IR", "021", "8") == TEHRAN, "it leads the number itself"


def test_a_local_number_needs_an_area_code() -> None:
    assert e164("88880000", "IR") is None
    assert e164("38888888", "IR", "051") == "+985138888888"


@pytest.mark.parametrize("raw", ["", " Anonymous ", "anonymous", "Restricted", "unavailable", "<unknown>", "-"])
def test_a_withheld_caller(raw: str) -> None:
    assert withheld(raw)


def test_a_caller_who_shows_a_number_is_not_withheld() -> None:
    assert not withheld("09121112233")


def test_digits_of_three_scripts() -> None:
    assert latin_digits("۱٢3") == "123"
