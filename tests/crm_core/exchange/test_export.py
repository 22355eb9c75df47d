"""What goes out can come in again, and is the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from crm_core.contacts.model import Draft, DraftNumber, Party, PartyAddress, PartyFilter, PartyLink, PartyMail
from crm_core.exchange import export
from crm_core.exchange.columns import known_header
from crm_core.fields.service import Change
from cti.kernel.sheets import Calendar, Look, write_csv, write_xlsx
from tests.crm_core.exchange.imports import ME, done, everybody
from web import i18n
from web.services import Crm

PEOPLE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("person", {
        "name": "دکتر علی رضایی", "first_name": "علی", "last_name": "رضایی", "honorific": "دکتر",
        "company_name": "پارس گستر",
        "position": "مدیر فروش", "tier": "vip", "national_id": "0084575948", "birth_date": "1986-05-04",
        "language": "fa",
        "source": "نمایشگاه", "do_not_sms": True, "tags": ("الف", "ب"), "roles": ("customer", "partner"),
        "numbers": (DraftNumber("09121234567", "mobile"), DraftNumber("02188664523", "work", "12"), DraftNumber("110",
            "other")),
        "mails": (PartyMail("a@b.ir"), PartyMail("c@d.ir")), "links": (PartyLink("https://x.ir", "website"),),
        "addresses": (PartyAddress("آزادی ۱", "work", "تهران", "تهران", "1234567890", "ایران"),),
        "fields": {"size": 12, "joined": "2026-01-02", "agree": True},
    }),
    ("person", {"name": "=HYPERLINK(\"http://evil\")", "numbers": (DraftNumber("+49 30 1234567", "home"),)}),
    ("person", {"name": "@SUM(1)", "position": "-1+2", "tags": ("+x",)}),
    ("company", {"name": "بازرگانی نور", "economic_code": "411111111111", "numbers": (DraftNumber("02122223333",
        "work"),)}),
)  # fmt: skip


async def filled(crm: Crm) -> None:
    for name, kind in (("size", "integer"), ("joined", "date"), ("agree", "yesno")):
        await crm.fields.create(ME, "person", name, kind, Change(fa=f"فیلد {name}", en=name))  # type: ignore[arg-type]
    for kind, draft in PEOPLE:
        await crm.contacts.create(ME, kind, Draft(**draft))  # type: ignore[arg-type]


def plain(party: Party) -> dict[str, Any]:
    """What a file can carry of a contact."""
    left_out = {
        "id", "company_id", "created_at", "created_by", "changed_at", "changed_by", "version", "source_at", "owner",
        "team",
    }  # fmt: skip
    kept = {k: v for k, v in msgspec.to_builtins(party).items() if k not in left_out}
    kept["numbers"] = [(n.kind, n.e164 or n.raw, n.extension) for n in party.numbers]
    kept["mails"] = [mail.address for mail in party.mails]
    return kept


async def rows(crm: Crm, language: str, spaced: bool) -> AsyncIterator[list[list[Any]]]:
    say, fields = i18n.translations(language).gettext, await crm.exchange.fields()
    async for part in await crm.exchange.export(ME, PartyFilter(), {}):
        yield [export.row(one, say, language, fields, spaced=spaced) for one in part]


@pytest.mark.parametrize("language", ["fa", "en"])
@pytest.mark.parametrize(("kind", "calendar"), [("csv", "jalali"), ("xlsx", "gregorian"), ("xlsx", "jalali")])
async def test_round_trip(crm: Crm, tmp_path: Path, language: str, kind: str, calendar: Calendar) -> None:
    await filled(crm)
    before = sorted(map(plain, await everybody(crm)), key=lambda party: party["name"])
    header = export.header(i18n.translations(language).gettext, language, await crm.exchange.fields())
    path, look = tmp_path / "out", Look(calendar=calendar)
    if kind == "csv":
        await write_csv(path, header, rows(crm, language, True), look)
    else:
        await write_xlsx(path, "Contacts", header, rows(crm, language, False), look)
    for party in await everybody(crm):
        await crm.contacts.delete(ME, party.id)
    one = await done(crm, path)
    assert one.faulty == 0, await crm.exchange.first_faulty(ME, one.id)
    after = sorted(map(plain, await everybody(crm)), key=lambda party: party["name"])
    assert after == before


def test_our_own_headers_are_known_in_both_languages() -> None:
    for language in ("fa", "en"):
        say = i18n.translations(language).gettext
        for label, target in zip(
            export.header(say, language, ()), export.header(lambda text: text, "en", ()), strict=True
        ):
            assert known_header(label) == known_header(target) is not None, label


def test_numbers_stay_text() -> None:
    assert export._national("+989121234567", True) == "0912 123 4567"
    assert export._national("+982188664523", True) == "021 8866 4523"
    assert export._national("+989121234567", False) == "09121234567"
    assert export._national("+4930123456", True) == "+4930123456"
