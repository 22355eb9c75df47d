"""What a file may be called."""

from __future__ import annotations

import pytest

from crm_core.files.names import LONGEST_NAME, cleaned


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("قرارداد ۱۴۰۶.pdf", "قرارداد ۱۴۰۶.pdf"),
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\a\\b.txt", "b.txt"),
        ("/", "file"),
        ("", "file"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nContent-Type: x", "aContent-Type_ x"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ('a"b<c>|?*.txt', "a_b_c____.txt"),
        ("پیش‌نویس.docx", "پیش‌نویس.docx"),
    ],
)
def test_cleaned(name: str, kept: str) -> None:
    assert cleaned(name) == kept


def test_not_endless_and_its_ending_is_kept() -> None:
    long = cleaned("x" * 1000 + ".pdf")
    assert len(long) == LONGEST_NAME
    assert long.endswith(".pdf")
    assert len(cleaned("y" * 100_000)) == LONGEST_NAME
