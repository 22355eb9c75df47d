"""Codes of RFC 6238: the ones of its own appendix, each once."""

from __future__ import annotations

import base64

import pytest

from crm_core.users import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()  # RFC 6238, appendix B
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_the_vectors_of_the_rfc(at: int, code: str) -> None:
    assert totp.step_of(SECRET, code, at, 0) == at // 30


def test_a_clock_may_be_half_a_minute_wrong_but_not_more() -> None:
    for late in (-30, 0, 30):
        assert totp.step_of(SECRET, "081804", 1111111109 + late, 0) == 1111111109 // 30
    for late in (-60, 60):
        assert totp.step_of(SECRET, "081804", 1111111109 + late, 0) is None


def test_a_code_is_taken_once() -> None:
    step = totp.step_of(SECRET, "081804", 1111111109, 0)
    assert step is not None
    assert totp.step_of(SECRET, "081804", 1111111109, step) is None


def test_as_people_type_it() -> None:
    assert totp.step_of(SECRET, " ۰۸۱ ۸۰۴", 1111111109, 0) is not None
    for bad in ("", "x", "\0", "٠٨١٨٠", "081804" * 100, "\ud800"):
        assert totp.step_of(SECRET, bad.encode("utf-8", "ignore").decode(), 1111111109, 0) is None


def test_recovery_codes_are_many_and_different() -> None:
    codes = totp.recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    assert all(len(totp.plain(code)) == 10 for code in codes)


def test_what_the_app_is_told() -> None:
    assert totp.uri(SECRET, "sara").startswith("otpauth://totp/Tamas:sara?secret=")
    assert totp.new_secret() != totp.new_secret()
