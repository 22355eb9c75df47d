"""An import step by step, as a user takes it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from crm_core.contacts.model import Draft, DraftNumber, PartyFilter
from crm_core.exchange.model import Policy
from crm_core.exchange.rows import Choices
from crm_core.users.account import UserDraft
from cti.kernel.actor import Actor, system
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.exchange.files import csv_file, dirty_xlsx, many, pieces
from tests.crm_core.exchange.imports import ME, checked, done, everybody, received
from web.services import Crm

ADMIN = system("admin")


async def test_a_dirty_workbook_from_upload_to_contacts(crm: Crm, tmp_path: Path) -> None:
    one = await done(crm, dirty_xlsx(tmp_path / "f"))
    assert (one.state, one.created, one.updated, one.skipped, one.faulty) == ("done", 3, 0, 2, 5)
    people = {party.name: party for party in await everybody(crm)}
    ali = people["علي رضايي"]
    assert [(n.e164, n.extension) for n in ali.numbers] == [("+989121234567", ""), ("+982188664523", "12")]
    assert (ali.national_id, ali.birth_date, ali.mails[0].address) == ("0084575948", "1986-05-04", "Ali@Example.com")
    assert (people["مریم رستگار"].birth_date, people["بازرگانی نور"].kind) == ("1990-05-04", "company")
    assert people["مریم رستگار"].company_id == ali.company_id  # پارس‌گستر and پارس گستر are one company
    rows = [row async for part in crm.exchange.faulty(ME, one.id) for row in part]
    assert [row.row for row in rows] == [5, 7, 8, 10, 11]
    assert (await crm.notes.page(ME, party=people["مریم رستگار"].id)).items[0].text == "خوش‌حساب"


async def test_found_by_number_and_in_the_search_index(crm: Crm, tmp_path: Path) -> None:
    await done(crm, dirty_xlsx(tmp_path / "f"))
    (match,) = await crm.lookup.who(ME, "+989351234567")
    assert match.name == "مریم رستگار"
    assert [party.name for party in await everybody(crm, text="رستگار")] == ["مریم رستگار"]


async def test_the_same_file_again_makes_nobody(crm: Crm, tmp_path: Path) -> None:
    path = many(tmp_path / "f", 30)
    await done(crm, path)
    again = await done(crm, path)
    assert (again.created, again.skipped) == (0, 30)
    assert (await done(crm, path, on_match="create")).created == 30


async def test_mappings_are_remembered_by_header(crm: Crm, tmp_path: Path) -> None:
    rows = [("نام", "شماره", "چیز"), ("علی", "09121234567", "x")]
    one = await crm.exchange.receive(ME, "a.csv", pieces(csv_file(tmp_path / "a", rows)))
    assert (one.mapping, one.remembered) == (("name", "number", ""), False)
    await crm.exchange.map(ME, one.id, ("name", "number", "note"), Policy(on_match="fill", tags=("ب",)))
    await crm.exchange.start(ME, one.id)
    two = await crm.exchange.receive(
        ME, "b.csv", pieces(csv_file(tmp_path / "b", [("نام ", "شماره", "چيز"), ("x", "1", "")]))
    )
    assert (two.mapping, two.remembered, two.policy.tags) == (("name", "number", "note"), True, ("ب",))


async def test_names_of_files_are_only_shown(crm: Crm, tmp_path: Path) -> None:
    path = many(tmp_path / "f", 2)
    for name, shown in {
        "../../etc/passwd": "passwd", "C:\\a\\b.csv": "b.csv", "": "file", "x" * 500 + ".csv": "x" * 116 + ".csv",
        "\0\u202e../": "file", "<b>.csv": "<b>.csv",
    }.items():  # fmt: skip
        one = await crm.exchange.receive(ME, name, pieces(path))
        assert one.name == shown
        assert one.file == one.id


async def test_too_large_is_refused_early_and_nothing_is_left(crm: Crm, tmp_path: Path) -> None:
    folder = crm.exchange._means.folder
    crm.exchange._means.limits = msgspec.structs.replace(crm.exchange._means.limits, file_bytes=2**20)
    with pytest.raises(InvalidError, match="larger than 1 MB"):
        crm.exchange.admit(ME, 2**30)
    taken = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal taken
        while True:
            taken += 1
            yield b"x" * 65_536

    with pytest.raises(InvalidError, match="larger than 1 MB"):
        await crm.exchange.receive(ME, "x.csv", endless())
    assert taken < 20
    assert list(folder.iterdir()) == []


async def test_what_cannot_be_read_leaves_nothing(crm: Crm, tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"%PDF-1.7")
    with pytest.raises(InvalidError, match="no table"):
        await crm.exchange.receive(ME, "x.csv", pieces(tmp_path / "f"))
    assert list(crm.exchange._means.folder.iterdir()) == []
    assert (await crm.exchange.page(ME)).items == ()


async def test_read_again_in_another_way(crm: Crm, tmp_path: Path) -> None:
    one = await crm.exchange.receive(ME, "x", pieces(dirty_xlsx(tmp_path / "f")))
    other = await crm.exchange.reread(ME, one.id, Choices(sheet="مشتریان", header=0))
    assert other.looked is not None
    assert set(other.looked.headers) == {""}
    with pytest.raises(InvalidError, match="no encoding"):
        await crm.exchange.reread(ME, (await received(crm, many(tmp_path / "g", 3))).id, Choices(encoding="klingon"))


async def test_preview_shows_rows_as_they_would_become(crm: Crm, tmp_path: Path) -> None:
    one = await crm.exchange.receive(ME, "x", pieces(dirty_xlsx(tmp_path / "f")))
    rows = await crm.exchange.preview(ME, one, 3)
    assert [row.party.name if row.party else None for row in rows] == ["علي رضايي", "مریم رستگار", None]
    assert [row.row for row in await crm.exchange.preview(ME, one, 4)] == [3, 4, 5, 7]  # as the sheet counts them
    assert await everybody(crm) == []


async def test_states_hold(crm: Crm, tmp_path: Path) -> None:
    one = await done(crm, many(tmp_path / "f", 3))
    for step in ("check", "start", "pause", "resume", "cancel"):
        with pytest.raises(ConflictError):
            await getattr(crm.exchange, step)(ME, one.id)
    with pytest.raises(ConflictError):
        await crm.exchange.discard(ME, one.id)
    with pytest.raises(NotFoundError):
        await crm.exchange.get(ME, "no\0ne")
    with pytest.raises(InvalidError):
        await crm.exchange.map(ME, one.id, ("name",), Policy())


async def test_nothing_without_a_name_column(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, many(tmp_path / "f", 3))
    await crm.exchange.map(ME, one.id, [""] * len(one.mapping), Policy())
    for step in (crm.exchange.check, crm.exchange.start):
        with pytest.raises(InvalidError, match="name"):
            await step(ME, one.id)
    with pytest.raises(InvalidError, match="cannot go"):
        await crm.exchange.map(ME, one.id, ["field:none"] * len(one.mapping), Policy())


async def test_discard(crm: Crm, tmp_path: Path) -> None:
    one = await received(crm, many(tmp_path / "f", 3))
    await crm.exchange.discard(ME, one.id)
    assert list(crm.exchange._means.folder.iterdir()) == []
    with pytest.raises(NotFoundError):
        await crm.exchange.get(ME, one.id)


async def test_permissions(crm: Crm, tmp_path: Path) -> None:
    nothing = Actor(id="x", name="x", permissions=frozenset({"contacts.view", "contacts.edit", "contacts.delete"}))
    one = await checked(crm, many(tmp_path / "f", 3))
    for step in ("get", "check", "start", "pause", "resume", "cancel", "revert", "discard", "kept"):
        with pytest.raises(ForbiddenError):
            await getattr(crm.exchange, step)(nothing, one.id)
    with pytest.raises(ForbiddenError):
        await crm.exchange.receive(nothing, "x", pieces(tmp_path / "f"))
    with pytest.raises(ForbiddenError):
        await crm.exchange.export(nothing, PartyFilter(), {})


async def test_export_masks_and_is_noted(crm: Crm, tmp_path: Path) -> None:
    await crm.contacts.create(ME, "person", Draft(name="علی", numbers=(DraftNumber("09121234567"),)))
    seller = Actor(id="s", name="s", permissions=frozenset({"contacts.view", "contacts.export"}))
    (part,) = [part async for part in await crm.exchange.export(seller, PartyFilter(), {"format": "csv"})]
    assert "1234567" not in part[0].numbers[0].raw
    async with crm.database.read() as reader:
        row = await reader.one("SELECT actor, detail FROM audit WHERE action = 'exported'")
    assert row is not None
    assert row[0] == "s"


async def test_owner_and_team_are_who_the_file_names(crm: Crm, tmp_path: Path) -> None:
    sara = (await crm.users.create(ADMIN, UserDraft(login="sara", name="سارا کریمی", role="agent"))).user
    team = await crm.teams.create(ADMIN, "فروش")
    rows = [("نام", "کارشناس", "تیم"), ("علی", "Sara", "فروش"), ("مریم", "سارا كريمي", ""), ("رضا", "کسی", "هیچ")]
    one = await received(crm, csv_file(tmp_path / "f", rows))
    assert one.mapping == ("name", "owner", "team")
    shown = await crm.exchange.preview(ME, one)
    assert [row.party and row.party.owner for row in shown] == [sara.id, sara.id, None]
    assert (await crm.exchange.colleagues(ME))[sara.id] == "سارا کریمی"
    await crm.exchange.start(ME, one.id)
    assert await crm.exchange.work.one()
    made = {party.name: (party.owner, party.team) for party in await everybody(crm)}
    assert made == {"علی": (sara.id, team.id), "مریم": (sara.id, None)}
    (faulty,) = await crm.exchange.first_faulty(ME, one.id)
    assert [(fault.column, fault.values) for fault in faulty.faults] == [(1, {"name": "کسی"}), (2, {"name": "هیچ"})]
