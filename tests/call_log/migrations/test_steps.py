"""From nothing and from every older version to the newest, keeping the rows; and again, changing nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from call_log.migrations import FOLDER, VERSION_TABLE, migrate
from call_log.model import Entry
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
    await database.close()


async def insert_as(version: str, url: str) -> None:
    """A row as the product of that version wrote it."""
    assert version == "0001", "say here how this version wrote its rows"
    database = await Database.open(url)
    await CallStore(database).save([Entry(record(7), DAY)])
    await database.close()


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
