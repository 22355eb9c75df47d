"""A mapping is guessed from names and from what is below them."""

from __future__ import annotations

import pytest

from crm_core.exchange.guess import check_target, fingerprint, is_national_id, mapping_of
from crm_core.fields.model import FieldDef

FIELDS = (FieldDef(id="1", kind="person", name="plan", type="text", fa="طرح", en="Plan"),)


@pytest.mark.parametrize(
    ("headers", "samples", "mapping"),
    [
        (("نام", "نام خانوادگی", "موبایل", "موبایل ۲"), (), ("first_name", "last_name", "number:mobile",
            "number:mobile")),
        (("نام", "تلفن"), (), ("name", "number:work")),
        (("", "", ""), (("علی رضایی", "9121234567", "a@b.ir"), ("مریم نوری", "۰۹۱۲۱۲۳۴۵۶۸", "")), ("name",
            "number:mobile", "mail")),
        (("foo", "bar"), (("0499370899", "02188664523"), ("0084575948", "02188664524")), ("national_id", "number")),
        (("Name", "Full name"), (), ("name", "")),
        (("طرح", "field:plan", "field:none"), (), ("field:plan", "", "")),
        (("کد", "چیز"), (("1", "x"),), ("", "")),
    ],
)  # fmt: skip
def test_mapping_of(headers: tuple[str, ...], samples: tuple[tuple[str, ...], ...], mapping: tuple[str, ...]) -> None:
    assert mapping_of(headers, samples, FIELDS) == mapping


def test_fingerprints_do_not_mind_spelling() -> None:
    assert fingerprint(("نام و نام خانوادگی", "تلفن")) == fingerprint(("نام و نام‌خانوادگي", "تلفن "))
    assert fingerprint(("نام",)) != fingerprint(("تلفن",))


@pytest.mark.parametrize(
    ("digits", "good"), [("0084575948", True), ("0084575949", False), ("1111111111", False), ("12", False)]
)
def test_national_ids(digits: str, good: bool) -> None:
    assert is_national_id(digits) is good


def test_targets_that_there_are() -> None:
    assert [check_target(name, FIELDS) for name in ("", "name", "field:plan", "field:x", "x")] == [
        True,
        True,
        True,
        False,
        False,
    ]
