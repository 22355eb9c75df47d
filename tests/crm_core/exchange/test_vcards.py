"""vCards that others read: vobject here, and ourselves."""

from __future__ import annotations

from pathlib import Path

import vobject

from crm_core.contacts.model import Party, PartyAddress, PartyLink, PartyMail, PartyNumber
from crm_core.exchange.rows import Choices, Limits
from crm_core.exchange.vcard_file import COLUMNS, open_vcards
from crm_core.exchange.vcards import vcard

ALI = Party(
    id="1", kind="person", name="علی رضایی; \\ نوری", first_name="علی", last_name="رضایی", honorific="دکتر",
    company_name="پارس, گستر",
    position="مدیر", birth_date="1986-05-04", tags=("الف,ب", "ج"), mails=(PartyMail("a@b.ir"),),
    links=(PartyLink("https://x.ir"),),
    numbers=(PartyNumber("0912", "mobile", "+989121234567", "k"), PartyNumber("021", "work", "+982188664523", "l",
        "12")),
    addresses=(PartyAddress("خیابان آزادی " * 12 + "\nپلاک ۲", "work", "تهران", "تهران", "1234567890", "ایران"),),
)  # fmt: skip


def test_vobject_reads_it() -> None:
    card = vobject.readOne(vcard(ALI).decode())
    assert card.fn.value == ALI.name
    assert (card.n.value.family, card.n.value.given) == ("رضایی", "علی")
    assert [tel.value for tel in card.contents["tel"]] == ["+989121234567", "+982188664523 ext 12"]
    assert card.adr.value.city == "تهران"


def test_lines_are_short_and_whole() -> None:
    lines = vcard(ALI).split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() is not None for line in lines)


def test_a_value_cannot_begin_a_line_of_its_own(tmp_path: Path) -> None:
    evil = Party(id="1", kind="company", name="x\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:y", position="a\nTEL:1")
    assert vcard(evil).count(b"BEGIN:VCARD\r\n") == 1
    assert b"\r\nTEL:1" not in vcard(evil)


def test_we_read_it_too(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(vcard(ALI) * 2)
    rows = list(open_vcards(tmp_path / "f", Choices(), Limits()).rows)
    card = dict(zip(COLUMNS, rows[1].cells, strict=True))
    assert (card["Full name"], card["Company"], card["Mobile"]) == (ALI.name, "پارس, گستر", "+989121234567")
    assert card["Tags"] == "الف,ب\nج"
