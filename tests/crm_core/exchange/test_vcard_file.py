"""vCards of all three versions, as telephones write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.exchange.rows import Choices, Limits
from crm_core.exchange.vcard_file import COLUMNS, MOST_LINES, open_vcards
from cti.kernel.errors import InvalidError

NOKIA = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\n"
    "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D8=B1=D8=B6=D8=A7=DB=8C=DB=8C;=D8=B9=\r\n=D9=84=DB=8C;;;\r\n"
    "TEL;CELL;PREF:09121234567\r\nTEL;WORK:+98 21 8866 4523\r\nTEL;HOME;FAX:02122223333\r\n"
    "ADR;HOME;CHARSET=UTF-8:;;خیابان آزادی;تهران;تهران;1234567890;ایران\r\n"
    "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\r\n SkZJRgABAQ\r\n ==\r\n\r\nEND:VCARD\r\n"
)
IPHONE = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:مریم رستگار\nN:رستگار;مریم;;دکتر;\n"
    "item1.TEL;type=CELL;type=VOICE;type=pref:۰۹۳۵ ۱۲۳ ۴۵۶۷\nTEL;type=pref:09351112233\nTEL:02188664523\n"
    "ORG:پارس گستر;فروش\nTITLE:مدیر\nEMAIL;type=INTERNET:maryam@example.com\nCATEGORIES:مشتری,ویژه\\, مهم\n"
    "NOTE:خط یک\\nخط \n دو\nBDAY:1990-05-04T00:00:00Z\nEND:VCARD\n"
)
MODERN = (
    "BEGIN:VCARD\nVERSION:4.0\nFN:Sara Noori\n"
    'TEL;VALUE=uri;TYPE="cell,voice":tel:+98-912-765-4321\nEMAIL:mailto:sara@example.com\nURL:https://example.com\n'
)


def read(tmp_path: Path, data: bytes | str) -> list[dict[str, str]]:
    path = tmp_path / "f"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    table = open_vcards(path, Choices(), Limits(line=10_000))
    return [{n: c for n, c in zip(COLUMNS, row.cells, strict=True) if c} for row in table.rows]


def test_version_2_1(tmp_path: Path) -> None:
    assert read(tmp_path, NOKIA) == [
        {
            "First name": "علی", "Last name": "رضایی", "Mobile": "09121234567", "Work phone": "+98 21 8866 4523",
            "Fax": "02122223333", "Address": "خیابان آزادی", "City": "تهران", "Province": "تهران",
            "Postal code": "1234567890", "Country": "ایران",
        }
    ]  # fmt: skip


def test_version_3_0(tmp_path: Path) -> None:
    (card,) = read(tmp_path, IPHONE)
    assert card == {
        "Full name": "مریم رستگار", "First name": "مریم", "Last name": "رستگار", "Honorific": "دکتر",
        "Mobile": "۰۹۳۵ ۱۲۳ ۴۵۶۷", "Phone": "09351112233\n02188664523", "Company": "پارس گستر", "Position": "مدیر",
        "E-mail": "maryam@example.com", "Tags": "مشتری\nویژه, مهم", "Note": "خط یک\nخط دو",
        "Birth date": "1990-05-04",
    }  # fmt: skip


def test_version_4_0_that_breaks_off(tmp_path: Path) -> None:
    assert read(tmp_path, MODERN) == [
        {"Full name": "Sara Noori", "Mobile": "+98-912-765-4321", "E-mail": "sara@example.com",
         "Website": "https://example.com"}
    ]  # fmt: skip


def test_many_in_a_file(tmp_path: Path) -> None:
    assert [len(card) > 2 for card in read(tmp_path, NOKIA + IPHONE + MODERN)] == [True] * 3


def test_a_card_without_end_is_bounded(tmp_path: Path) -> None:
    (card,) = read(tmp_path, "BEGIN:VCARD\nFN:x\n" + "NOTE:y\n" * (MOST_LINES * 3))
    assert card["Full name"] == "x"


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="longer"):
        read(tmp_path, "BEGIN:VCARD\nFN:" + "x" * 20_000)


@pytest.mark.parametrize(
    "line", ["TEL", "TEL;;;:", ":", "N;ENCODING=QUOTED-PRINTABLE:=ZZ=", "N;CHARSET=none;ENCODING=B:%%%",
        "FN;CHARSET=rot13;ENCODING=BASE64:eA=="]
)  # fmt: skip
def test_odd_lines_harm_nobody(tmp_path: Path, line: str) -> None:
    (card,) = read(tmp_path, f"BEGIN:VCARD\nFN:Ali\n{line}\nEND:VCARD\n")
    assert card["Full name"] == "Ali"
