"""The database opened: made where there is none, brought up to date once, let go where it cannot be used."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from call_log.migrations import VERSION_TABLE
from cti.app.storage import migrate_database, open_database
from cti.kernel.errors import ConfigurationError, DatabaseUnavailableError
from tests.databases import database_url as database_url
from tests.live import settings_of


async def test_the_folder_and_the_tables_are_made(tmp_path: Path) -> None:
    settings = settings_of(tmp_path / "not" / "there")
    database = await open_database(settings)
    async with database.read() as reader:
        assert await reader.one("SELECT count(*) FROM call") == (0,)
    await database.close()
    assert (settings.folder / "tamas.db").exists()


async def test_every_kind_of_database_is_brought_up_to_date_once(tmp_path: Path, database_url: str) -> None:
    settings = settings_of(tmp_path, database_url=database_url)
    await migrate_database(settings)
    await migrate_database(settings)
    told: list[object] = []
    database = await open_database(settings, told.append)
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO truth_day (pbx, day, checked_at) VALUES ('main', '2026-11-22', 1.0)")
        tx.events.append("told")
        assert not told
    await database.close()
    assert told == ["told"]


async def test_a_database_of_a_later_version_is_refused_and_let_go(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    database = await open_database(settings)
    async with database.transaction() as tx:
        await tx.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    await database.close()
    before = set(threading.enumerate())
    with pytest.raises(ConfigurationError, match="later version"):
        await open_database(settings)
    new = [t for t in threading.enumerate() if t not in before and not t.name.startswith("asyncio")]
    for thread in new:
        thread.join(2.0)
    assert not [t for t in new if t.is_alive()]


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite+aiosqlite://"])
async def test_an_address_that_cannot_be_used(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigurationError):
        await open_database(settings_of(tmp_path, database_url=url))


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "tamas.db").write_bytes(b"not a database, whatever its name" * 100)
    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        await open_database(settings_of(tmp_path))


async def test_a_server_that_does_not_run(tmp_path: Path) -> None:
    url = f"postgresql+asyncpg://tamas@/tamas?host={tmp_path}"
    with pytest.raises(DatabaseUnavailableError, match="cannot be used"):
        await open_database(settings_of(tmp_path, database_url=url))
