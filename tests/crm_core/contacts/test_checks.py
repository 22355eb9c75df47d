"""Check digits of Iranian codes, and what is told of a party."""

from __future__ import annotations

import pytest

from crm_core.contacts.checks import legal_id, national_id, warnings
from crm_core.contacts.model import Party, PartyNumber


@pytest.mark.parametrize("code", ["0084575948", "84575948", "7731689956", "1234567891"])
def test_a_national_id(code: str) -> None:
    assert national_id(code)


@pytest.mark.parametrize("code", ["0084575949", "1111111111", "123", "", "abcdefghij", "12345678901", "۰۰۸۴۵۷۵۹۴۸"])
def test_no_national_id(code: str) -> None:
    assert not national_id(code)


@pytest.mark.parametrize(("code", "good"), [("14007650912", True), ("10100302746", True), ("14007650911", False)])
def test_a_legal_id(code: str, good: bool) -> None:
    assert legal_id(code) == good


def test_warnings() -> None:
    odd = Party(id="p", kind="person", name="x", national_id="1", numbers=(PartyNumber("201"),))
    assert set(warnings(odd)) == {"national_id", "numbers"}
    assert warnings(Party(id="c", kind="company", name="x", national_id="14007650912")) == {}
