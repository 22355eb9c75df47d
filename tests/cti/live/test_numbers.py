"""Every way in which a number reaches us becomes one E.164, and nothing else becomes one."""

from __future__ import annotations

import pytest

from cti.live.numbers import e164, latin_digits, match_key, split_extension, tail, withheld

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


def key(raw: str, area_code: str = "021") -> str | None:
    return match_key(raw, e164(raw, "IR", area_code))


@pytest.mark.parametrize("raw", ["0989121112233", "098 912 111 2233", "۰۹۸۹۱۲۱۱۱۲۲۳۳"])
def test_a_gateway_that_puts_the_trunk_zero_before_the_country_code(raw: str) -> None:
    assert e164(raw, "IR", "021") == MOBILE
    assert e164("0982188880000", "IR", "021") == TEHRAN


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("09411234567", "+989411234567"),  # Irancell TD-LTE
        ("9411234567", "+989411234567"),
        ("09980123456", "+989980123456"),
        ("+989980123456", "+989980123456"),
        ("09000123456", "+989000123456"),
        ("9000123456", "+989000123456"),  # a mobile that lost its 0, no line of 9000…
        ("0218866", "+98218866"),  # a short number of Tehran
    ],
)
def test_ranges_in_use_that_the_metadata_lacks(raw: str, number: str) -> None:
    assert e164(raw, "IR", "021") == number == match_key(raw, number)


@pytest.mark.parametrize(
    "raw", ["10001234567", "3000505", "20004545", "30004505000017", "50002210000", "9000123", "100012345678"]
)
def test_lines_that_send_sms_stay_as_they_are(raw: str) -> None:
    assert e164(raw, "IR") is None
    assert match_key(raw, None) == raw
    assert match_key("+98" + raw, None) == match_key("0098" + raw, None) == raw


@pytest.mark.parametrize("raw", ["201", "5001", "110", "118", "1471", "10000", "912345", "*45402", "0000000"])
def test_an_extension_or_service_code_has_no_key(raw: str) -> None:
    assert key(raw) is None


@pytest.mark.parametrize("raw", ["", "anonymous", "Anonymous", "Unknown", "s", "asterisk", "unavailable"])
def test_who_withholds_has_no_key(raw: str) -> None:
    assert withheld(raw)
    assert key(raw) is None


@pytest.mark.parametrize("raw", ["علی", "alice09121112233", "9" * 21, "0912\x001112233", "x" * 100_000, "1" * 100_000])
def test_what_is_no_number_has_no_key(raw: str) -> None:
    assert key(raw) is None


def test_one_number_has_one_key_however_it_is_written() -> None:
    forms = (
        "09121112233", "9121112233", "989121112233", "+989121112233", "00989121112233", "0989121112233",
        "+9809121112233", "۰۹۱۲۱۱۱۲۲۳۳", "٠٩١٢١١١٢٢٣٣", "0912/111 22 33", "(0912) 111-2233",
    )  # fmt: skip
    assert {key(form) for form in forms} == {MOBILE}
    fixed = (
        "02188880000",
        "2188880000",
        "982188880000",
        "+98 21 8888 0000",
        "021-88880000",
        "88880000",
        "+982188880000",
    )
    assert {key(form) for form in fixed} == {TEHRAN}


def test_a_local_number_is_completed_with_the_site_s_own_area_code_alone() -> None:
    assert e164("38888888", "IR", "051") == "+985138888888"
    assert e164("18888888", "IR", "021") is None, "no subscriber's number begins with 1 or 0"
    assert match_key("88880000", None) == "88880000", "without an area code it stays what it is"


@pytest.mark.parametrize(
    "code",
    [
        "011",
        "013",
        "017",
        "021",
        "023",
        "024",
        "025",
        "026",
        "028",
        "031",
        "034",
        "035",
        "038",
        "041",
        "044",
        "045",
        "051",
        "054",
        "056",
        "058",
        "061",
        "066",
        "071",
        "074",
        "076",
        "077",
        "081",
        "083",
        "084",
        "086",
        "087",
    ],
)
def test_every_area_of_iran(code: str) -> None:
    number = f"+98{code[1:]}33445566"
    assert {e164(form, "IR") for form in (f"{code}33445566", number, f"98{code[1:]}33445566")} == {number}
    assert e164("33445566", "IR", code) == number


@pytest.mark.parametrize(
    "prefix",
    [*range(900, 906), *range(910, 924), *range(930, 940), *range(990, 995), 996, 998, 999, 941],
)
def test_every_mobile_prefix(prefix: int) -> None:
    number = f"+98{prefix}8123456"
    assert {e164(f"{lead}{prefix}8123456", "IR") for lead in ("0", "", "98", "+98", "0098", "098")} == {number}


def test_the_tail_is_what_a_fixed_number_has_in_common_with_its_local_form() -> None:
    assert tail(TEHRAN) == tail("88880000") == "88880000"


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("021-88880000 داخلی 12", ("021-88880000", "12")),
        ("۰۲۱۸۸۸۸۰۰۰۰ داخلي ۲۰۱", ("۰۲۱۸۸۸۸۰۰۰۰", "201")),
        ("+98 21 8888 0000 ext. 7", ("+98 21 8888 0000", "7")),
        ("88880000x5", ("88880000", "5")),
        ("02188880000,12", ("02188880000", "12")),
        ("tel:+982188880000;ext=12", ("tel:+982188880000", "12")),
        ("0912 111 2233", ("0912 111 2233", "")),
        ("12#3", ("12#3", "")),
        ("", ("", "")),
        ("1" * 5000, ("1" * 5000, "")),
    ],
)
def test_an_extension_behind_a_number(text: str, split: tuple[str, str]) -> None:
    assert split_extension(text) == split


@pytest.mark.parametrize("raw", ["", " Anonymous ", "anonymous", "Restricted", "unavailable", "<unknown>", "-"])
def test_a_withheld_caller(raw: str) -> None:
    assert withheld(raw)


def test_a_caller_who_shows_a_number_is_not_withheld() -> None:
    assert not withheld("09121112233")


def test_digits_of_three_scripts() -> None:
    assert latin_digits("۱٢3") == "123"
