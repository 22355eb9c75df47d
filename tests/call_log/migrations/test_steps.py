"""From nothing and from every older version to the newest, keeping the rows; and again, changing nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import msgspec
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from call_log.migrations import FOLDER, VERSION_TABLE, migrate
from call_log.model import Entry
from call_log.query import CallFilter
from call_log.search import CallSearch
from call_log.store import CallStore
from cti.kernel.db import Database
from tests.call_log.calls import DAY, record


def versions() -> list[str]:
    """All versions, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()][::-1]


async def test_from_nothing_and_again(database_url: str) -> None:
    assert await migrate(database_url) == versions()[-1]
    await save_and_find(database_url)
    assert await migrate(database_url) == versions()[-1]
    await save_and_find(database_url)


async def save_and_find(url: str) -> None:
    database = await Database.open(url)
    await CallStore(database).save([Entry(record(1), DAY)])
    assert await CallStore(database).get(record(1).id) == record(1)
    await database.close()


@pytest.mark.parametrize("version", versions())
async def test_from_each_version_with_its_rows(database_url: str, version: str) -> None:
    assert await migrate(database_url, version) == version
    await insert_as(version, database_url)
    assert await migrate(database_url) == versions()[-1]
    database = await Database.open(database_url)
    assert await CallStore(database).get(record(7).id) == record(7)
    for wanted in (CallFilter(agent="201"), CallFilter(agent="PJSIP/201"), CallFilter(queue="support")):
        assert (await CallSearch(database).page(wanted)).items == (record(7),)
    assert (await CallSearch(database).page(CallFilter(number="0912"))).items == (record(7),)
    assert await CallStore(database).save([Entry(record(7, talk_seconds=1.0), DAY + 5, "repair")]) == 1
    await database.close()


async def insert_as(version: str, url: str) -> None:
    """A call as the product of that version wrote it."""
    database = await Database.open(url)
    async with database.transaction() as tx:
        for table, row in WRITTEN[version]:
            names, marks = ", ".join(row), ", ".join("?" * len(row))
            await tx.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", *row.values())
    await database.close()


CALL = record(7)
AT = CALL.started_at
FIRST: list[tuple[str, dict[str, Any]]] = [
    ("call", {
        "id": CALL.id, "pbx": "main", "kind": "call", "direction": "inbound", "outcome": "answered", "queue": "support",
        "started_at": AT, "ended_at": CALL.ended_at, "wait_seconds": 1.25, "talk_seconds": 7.25, "hold_seconds": 0.5,
        "provisional": False, "standing": 3, "changed_at": DAY, "record": msgspec.json.encode(CALL).decode(),
    }),
    ("leg", {
        "call_id": CALL.id, "started_at": AT, "position": 0, "uniqueid": "1.1", "role": "callee",
        "endpoint": "PJSIP/201", "extension": "201", "outside": False, "result": "answered", "ring_seconds": 1.2,
        "talk_seconds": 7.25, "consult_seconds": 0.0, "hold_seconds": 0.5,
    }),
    ("queue_wait", {
        "call_id": CALL.id, "started_at": AT, "position": 0, "queue": "support", "joined_at": AT, "seconds": 1.2,
        "answered": True,
    }),
    ("call_number", {"call_id": CALL.id, "started_at": AT, "digits": "9120000007", "reversed": "7000000219"}),
    ("call_linkedid", {"call_id": CALL.id, "started_at": AT, "linkedid": CALL.linkedid}),
]  # fmt: skip
TAGS = [
    ("call_tag", {"tag": tag, "started_at": AT, "call_id": CALL.id})
    for tag in ("agent 201", "agent PJSIP/201", "queue support")
]
WRITTEN = {
    "0001": FIRST,
    "0002": [*FIRST, *TAGS],
    "0003": [*FIRST, *TAGS],
    "0004": [*FIRST, *TAGS],
    "0005": [*FIRST, *TAGS],
}


async def test_two_that_start_together_take_turns(database_url: str) -> None:
    both = await asyncio.gather(migrate(database_url), migrate(database_url))
    assert list(both) == [versions()[-1]] * 2


async def test_the_version_is_kept_beside_those_of_other_features(database_url: str) -> None:
    await migrate(database_url)
    database = await Database.open(database_url)
    async with database.read() as reader:
        assert await reader.one(f"SELECT version_num FROM {VERSION_TABLE}") == (versions()[-1],)
    await database.close()


def test_alembic_is_not_imported_until_it_is_needed() -> None:
    code = "import sys, call_log.migrations, call_log.store; sys.exit('alembic' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
