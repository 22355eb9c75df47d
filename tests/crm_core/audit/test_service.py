"""What is done is noted with what did it, once, for good."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import exc

from crm_core.audit.service import AGAIN_SECONDS, Audit, AuditEntry, AuditFilter, back_to
from cti.kernel.actor import PERMISSIONS, Actor, system
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.kernel.errors import ForbiddenError, InvalidError
from tests.crm import NOW
from web.services import Crm

ELHAM = Actor(id="u1", name="الهام رضایی", session="s1", origin="192.0.2.7", permissions=frozenset(PERMISSIONS))
SINA = Actor(id="u2", name="Sina", session="s2", origin="192.0.2.8")


async def note(crm: Crm, actor: Actor, action: str, kind: str, id: str, detail: dict[str, Any] | None = None) -> None:
    async with crm.database.transaction() as tx:
        await crm.audit.note(tx, actor, action, kind, id, detail)


async def found(crm: Crm, **wanted: Any) -> list[tuple[str, str, str]]:
    page = await crm.audit.page(ELHAM, AuditFilter(**wanted))
    return [(entry.actor, entry.action, entry.record) for entry in page.items]


async def test_an_entry_says_who_what_when_and_from_where(crm: Crm, clock: ManualClock) -> None:
    await note(crm, ELHAM, "changed", "contact", "c1", {"changed": {"name": ["علی", "علي"]}})
    entry = (await crm.audit.page(ELHAM, AuditFilter())).items[0]
    assert entry == AuditEntry(
        entry.id, clock.now(), "u1", "الهام رضایی", "user", "s1", "192.0.2.7", "changed", "contact", "c1",
        {"changed": {"name": ["علی", "علي"]}},
    )  # fmt: skip


async def test_nothing_is_noted_of_what_did_not_happen(crm: Crm) -> None:
    with pytest.raises(RuntimeError):
        async with crm.database.transaction() as tx:
            await crm.audit.note(tx, ELHAM, "deleted", "contact", "c1")
            raise RuntimeError
    assert await found(crm) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE record = 'c1'",
        "INSERT OR REPLACE INTO audit SELECT id, 0.0, '', '', '', '', '', '', '', '', '' FROM audit",
        "TRUNCATE audit",
        "INSERT INTO audit SELECT * FROM audit ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
    ],
)
async def test_an_entry_stands(database: Database, crm: Crm, sql: str) -> None:
    await note(crm, ELHAM, "created", "contact", "c1")
    with pytest.raises(exc.DBAPIError):
        async with database.transaction() as tx:
            await tx.execute(sql)
    assert await found(crm) == [("u1", "created", "c1")]


async def test_filters(crm: Crm, clock: ManualClock) -> None:
    await note(crm, ELHAM, "created", "contact", "c1", {"name": "Barin Trading 100%"})
    clock.advance(60)
    await note(crm, SINA, "changed", "contact", "c1")
    clock.advance(60)
    await note(crm, SINA, "exported", "call", "", {"rows": 5})
    now = clock.now()
    assert await found(crm, actor="u2", kind="contact") == [("u2", "changed", "c1")]
    assert await found(crm, action="exported") == [("u2", "exported", "")]
    assert await found(crm, kind="contact", id="c1") == [("u2", "changed", "c1"), ("u1", "created", "c1")]
    assert await found(crm, start=now - 60, end=now) == [("u2", "changed", "c1")]
    assert await found(crm, text="barin trading 100%") == [("u1", "created", "c1")]
    assert await found(crm, text="100_") == []
    assert await found(crm, text="رضا\0یی") == [("u1", "created", "c1")]
    assert await found(crm, text="192.0.2.8", end=now) == [("u2", "changed", "c1")]


async def test_pages_hold_each_entry_once_in_order(crm: Crm) -> None:
    async with crm.database.transaction() as tx:
        await crm.audit.note_many(tx, ELHAM, "imported", "contact", [f"c{n}" for n in range(25)])
    cursor, records = None, []
    while True:
        page = await crm.audit.page(ELHAM, AuditFilter(), cursor, limit=10)
        records += [entry.record for entry in page.items]
        if (cursor := page.next) is None:
            break
    assert records == [f"c{n}" for n in reversed(range(25))]
    for bad in ("x", "W10", "WyJhXHUwMDAwIl0x"):
        with pytest.raises(InvalidError, match="cursor"):
            await crm.audit.page(ELHAM, AuditFilter(), bad)


class HurriedClock(ManualClock):
    """Each look at it takes a tenth of a second."""

    def monotonic(self) -> float:
        self.advance(0.1)
        return super().monotonic()


async def all_of(audit: Audit, wanted: AuditFilter, limit: int) -> tuple[list[str], int]:
    """The records of all pages, and how many pages there were."""
    records: list[str] = []
    cursor, pages, reached = None, 0, float("inf")
    while True:
        page = await audit.page(ELHAM, wanted, cursor, limit)
        records, pages = [*records, *(entry.record for entry in page.items)], pages + 1
        assert len(page.items) <= limit
        if (cursor := page.next) is None:
            return records, pages
        at = back_to(cursor)
        assert at is not None and at <= reached
        reached = at


async def test_a_text_is_found_however_old_a_stride_at_a_time(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_core.audit.service.FIRST_STRIDE", 10)
    monkeypatch.setattr("crm_core.audit.service.LONGEST_STRIDE", 20)
    audit = Audit(crm.database, HurriedClock(NOW))
    for n in range(400):
        async with crm.database.transaction() as tx:
            await audit.note(tx, ELHAM, "saw", "contact", f"needle {n // 50}" if n % 50 == 0 else f"hay {n}")
    wanted = [f"needle {n}" for n in reversed(range(8))]
    records, pages = await all_of(audit, AuditFilter(text="NEEDLE"), 3)
    assert records == wanted and pages > 5, "no page takes longer than its patience"
    assert (await all_of(audit, AuditFilter(text="needle", kind="contact", actor="u1"), 100))[0] == wanted
    assert (await all_of(audit, AuditFilter(text="needle", kind="call"), 100)) == ([], 1)
    patient = Audit(crm.database, ManualClock(NOW))
    assert (await all_of(patient, AuditFilter(text="needle"), 100)) == (wanted, 1)
    assert (await all_of(patient, AuditFilter(text="needle"), 4)) == (wanted, 2)
    assert (await all_of(patient, AuditFilter(text="nothing"), 4)) == ([], 1)


async def test_who_may_read(crm: Crm) -> None:
    with pytest.raises(ForbiddenError, match=r"audit\.view"):
        await crm.audit.page(SINA, AuditFilter())


async def test_numbers_are_masked_for_who_may_not_see_them(crm: Crm) -> None:
    await note(crm, ELHAM, "changed", "contact", "c1", {"changed": {"numbers": [None, ["0912 345 6789"]]}})
    auditor = Actor(id="u3", name="Auditor", permissions=frozenset({"audit.view"}))
    (entry,) = (await crm.audit.page(auditor, AuditFilter())).items
    assert "345" not in str(entry.detail) and "6789" in str(entry.detail)


async def test_a_look_is_noted_once_within_some_minutes(crm: Crm, clock: ManualClock) -> None:
    for _ in range(3):
        crm.audit.saw(SINA, "contact", "c1")
        crm.audit.saw(SINA, "contact", "c2")
        crm.audit.saw(ELHAM, "contact", "c1")
        crm.audit.saw(system("import"), "contact", "c1")
    assert await found(crm) == []
    await crm.audit.flush()
    assert await found(crm) == [("u1", "saw", "c1"), ("u2", "saw", "c2"), ("u2", "saw", "c1")]
    clock.advance(AGAIN_SECONDS)
    crm.audit.saw(SINA, "contact", "c1")
    await crm.audit.flush()
    assert len(await found(crm)) == 4


async def test_looks_are_written_by_themselves(crm: Crm, clock: ManualClock) -> None:
    running = asyncio.create_task(crm.audit.run())
    try:
        crm.audit.saw(SINA, "contact", "c1")
        async with asyncio.timeout(5):
            while not await found(crm):
                clock.advance(1)
                await asyncio.sleep(0.01)
    finally:
        running.cancel()


async def test_looks_outlive_a_database_that_is_away(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.audit.saw(SINA, "contact", "c1")
    with monkeypatch.context() as broken:
        broken.setattr(crm.database, "transaction", _refuse)
        with pytest.raises(OSError, match="away"):
            await crm.audit.flush()
    await crm.audit.flush()
    assert await found(crm) == [("u2", "saw", "c1")]


def _refuse() -> None:
    raise OSError("the database is away")


async def test_hostile_text_is_kept_as_far_as_it_can_be(crm: Crm) -> None:
    hostile = Actor(id="u\0" * 1000, name="<b>\ud800" + "x" * 100_000, origin="\0")
    await note(crm, hostile, "changed", "contact", "c\0", {"\0a": "y\0\udfff" * 100_000, "password": "hunter2"})
    (entry,) = (await crm.audit.page(ELHAM, AuditFilter())).items
    assert entry.record == "c" and entry.actor_name.startswith("<b>xxx") and len(str(entry)) < 3000
    assert "hunter2" not in str(entry)


async def test_many_are_noted_fast_enough_for_an_import(crm: Crm) -> None:
    ids = [f"0199f3a2-0000-7000-8000-{n:012x}" for n in range(4000)]
    began = time.perf_counter()
    async with crm.database.transaction() as tx:
        await crm.audit.note_many(tx, ELHAM, "imported", "contact", ids)
    assert time.perf_counter() - began < 1.0
