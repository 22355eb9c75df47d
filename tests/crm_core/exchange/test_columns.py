"""What columns are called."""

from __future__ import annotations

import pytest

from crm_core.exchange.columns import TARGETS, known_header, plain


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("نام و نام‌خانوادگي", "name"), ("نام شركت", "company_name"), ("تلفن همراه ۲", "number:mobile"),
        ("MOBILE_PHONE", "number:mobile"), ("Phone 1 - Value", "number"), ("E-mail 2 - Value", "mail"),
        ("Phone 1 - Type", ""), ("ردیف", ""), ("كد ملي", "national_id"), ("نام خانوادگي", "last_name"),
        ("number:fax", "number:fax"), ("چیز دیگر", None), ("", None), ("آدرس", "address"), ("ادرس", "address"),
        ("کارشناس", "owner"), ("Account Owner", "owner"), ("تیم", "team"), ("Team", "team"), ("گروه", "tags"),
    ],
)  # fmt: skip
def test_known_header(header: str, target: str | None) -> None:
    assert known_header(header) == target


def test_each_target_is_known_by_its_own_words_alone() -> None:
    owners: dict[str, str] = {}
    for target in TARGETS:
        for word in filter(None, target.words.split("|")):
            assert owners.setdefault(plain(word), target.name) == target.name, word
