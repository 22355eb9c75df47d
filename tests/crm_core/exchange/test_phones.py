"""Numbers as cells hold them."""

from __future__ import annotations

import pytest

from crm_core.exchange.phones import phones_of
from cti.kernel.errors import InvalidError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("09121234567", [("09121234567", "", "")]),
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", [("0912 123 4567", "", "")]),
        ("9121234567.0", [("9121234567", "", "")]),
        ("9.121234567E+09", [("9121234567", "", "")]),
        ("9.89121234567E+11", [("989121234567", "", "")]),
        ("0912 765 4321 / 09351112233", [("0912 765 4321", "", ""), ("09351112233", "", "")]),
        (
            "09121234567،09121234568\n021-88664523",
            [("09121234567", "", ""), ("09121234568", "", ""), ("021-88664523", "", "")],
        ),
        ("09121234567-09351234567", [("09121234567", "", ""), ("09351234567", "", "")]),
        ("021-88664523 داخلی ۱۲", [("021-88664523", "12", "")]),
        ("09121234567 (منشی)", [("09121234567", "", "منشی")]),
        ("110", [("110", "", "")]),
        ("+49 30 1234567", [("+49 30 1234567", "", "")]),
        (" \n ", []),
    ],
)
def test_found(text: str, found: list[tuple[str, str, str]]) -> None:
    assert [(one.raw, one.extension, one.label) for one in phones_of(text)] == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("9.12E+09", "lost its digits"), ("9.89121E+11", "lost its digits"), ("ندارد", "no digits"), ("12", "too few"),
        ("1" * 25, "too many"), ("-", "no digits"),
    ],
)  # fmt: skip
def test_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidError, match=said):
        phones_of(text)
