"""What has to be known of a moment besides the journal, asked of a product that runs."""

from __future__ import annotations

import time
from pathlib import Path

from crm_core.agents import store
from crm_core.contacts.model import Draft, DraftNumber
from cti.app.past.archive import Archive
from cti.live.agents import Kept, Noted
from cti.live.numbers import match_key
from tests.live import TESTER, Running, running_product, until


def archive_of(running: Running, folder: Path) -> Archive:
    product, crm = running.product, running.product.crm
    journals = {"demo": folder / "journal" / "demo", "silent": folder / "journal" / "silent"}
    parts = product.database, product.ledger, crm.lookup, crm.desks, crm.agents
    return Archive(*parts, lambda: crm.agent_rules.now, lambda: crm.figure_rules.now, lambda: journals, "Asia/Tehran")


async def test_a_moment_is_known_with_its_calls_agents_and_people(tmp_path: Path) -> None:
    began = time.time()
    async with running_product(tmp_path, demo_calls_per_second=5.0) as running:
        await running.connected()
        archive = archive_of(running, tmp_path)
        await until(lambda: len(running.live()) >= 3, 20.0)
        call = min(running.live(), key=lambda one: one.record.started_at or 0.0)
        async with running.product.database.transaction() as tx:
            await store.write(tx, {"user": Kept()}, {"n1": Noted("user", time.time(), "sign_in")}, time.time())
        at = time.time()
        await running.product.recorder.flush()
        known = await archive.then(7, at)
        assert (known.number, known.at) == (7, at)
        assert known.oldest["demo"] <= (call.record.started_at or 0.0)
        assert set(known.ahead) == {"demo", "silent"} and known.totals["calls"] >= 0
        assert known.people.places and known.rules == running.product.crm.agent_rules.now
        assert [note.kind for note in known.noted if note.user == "user"] == ["sign_in"]

        async def written() -> bool:
            span = await archive.span()
            return span is not None and began - 1 <= span[0] < span[1] <= time.time()

        await until(written, 10.0)
        since = archive.midnight(at)
        assert since <= at < since + 86_400 + 3600
        logged = [one async for page in archive.logged(since, at) for one in page]
        assert all(since < one.at <= at for one in logged)
        noted = await archive.noted(began - 60, time.time())
        assert "user" in {note.user for note in noted}
        assert await archive.noted(time.time() + 1, time.time() + 2) == ()


async def test_who_calls_is_looked_up_as_of_today(tmp_path: Path) -> None:
    async with running_product(tmp_path, demo_calls_per_second=0.01) as running:
        archive = archive_of(running, tmp_path)
        draft = Draft(first_name="Sara", last_name="Karimi", numbers=(DraftNumber("09121234567"),))
        await running.product.crm.contacts.create(TESTER, "person", draft)
        key = match_key("09121234567", "+989121234567") or ""
        found = await archive.callers({"a": key, "b": "nobody"})
        assert found["a"] is not None and found["a"].name == "Sara Karimi"
        assert found["b"] is None
