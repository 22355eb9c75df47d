"""What is left of a number, and that nothing else of it is."""

from __future__ import annotations

import pytest

from cti.live.masking import mask, mask_in


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("0912 345 6789", "0912 ••• 6789"),
        ("۰۹۱۲ ۳۴۵ ۶۷۸۹", "۰۹۱۲ ••• ۶۷۸۹"),
        ("021 9100 4500", "021 9••• 4500"),
        ("+49 30 1234567", "+49 30 •••4567"),
        ("+1 202-555-0175", "+1 202-•••-0175"),
        ("88776655", "88••••55"),
        ("8877665", "8••••65"),
        ("00123456789012", "0012••••••9012"),
        ("201", "201"),
        ("*78", "*78"),
        ("118", "118"),
        ("", ""),
    ],
)
def test_mask(written: str, shown: str) -> None:
    assert mask(written) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ali 09123456789", "Ali 0912•••6789"),
        ("sip:09123456789@10.0.0.5", "sip:0912•••6789@10.0.0.5"),
        ("out-09123456789-201-20261122.wav", "out-0912•••••••-•••-••••1122.wav"),
        ("تلفن ۰۹۱۲\u200f۳۴۵\u200c۶۷۸۹", "تلفن ۰۹۱۲\u200f•••\u200c۶۷۸۹"),
        ("Queue 5 line 201", "Queue 5 line 201"),
        ("الهام", "الهام"),
    ],
)
def test_mask_in(text: str, shown: str) -> None:
    assert mask_in(text) == shown
