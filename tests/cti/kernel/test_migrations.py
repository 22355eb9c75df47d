"""Steps run once, in order, all or none; each feature by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cti.kernel.db import Database
from cti.kernel.migrations import newest, revisions, upgrade

STEP = '''
"""A step. Why: for the test."""
from alembic import op
revision = {revision!r}
down_revision = {down!r}

def upgrade():
    for sql in {sqls!r}:
        op.execute(sql)
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "steps" / "versions").mkdir(parents=True)
    return tmp_path / "steps"


def write(folder: Path, revision: str, down: str | None, *sqls: str) -> None:
    (folder / "versions" / f"{revision}_step.py").write_text(STEP.format(revision=revision, down=down, sqls=sqls))


async def rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    async with database.read() as reader:
        return list(await reader.fetch(sql))


async def test_steps_run_in_order_and_once(database_url: str, folder: Path) -> None:
    write(folder, "a1", None, "CREATE TABLE thing (id INTEGER)", "INSERT INTO thing VALUES (1)")
    database = await Database.open(database_url)
    assert await upgrade(database, folder, "thing_version") == "a1"
    write(folder, "b2", "a1", "INSERT INTO thing VALUES (2)")
    write(folder, "c3", "b2", "INSERT INTO thing VALUES (3)")
    assert await upgrade(database, folder, "thing_version", "b2") == "b2"
    for _ in range(2):
        assert await upgrade(database, folder, "thing_version") == "c3"
    assert await rows(database, "SELECT id FROM thing ORDER BY id") == [(1,), (2,), (3,)]
    await database.close()


async def test_a_step_that_fails_leaves_nothing_of_any(database_url: str, folder: Path) -> None:
    database = await Database.open(database_url)
    write(folder, "a1", None, "CREATE TABLE thing (id INTEGER)", "INSERT INTO thing VALUES (1)")
    write(folder, "b2", "a1", "INSERT INTO thing VALUES (2)", "INSERT INTO nothing VALUES (1)")
    with pytest.raises(Exception, match="nothing"):
        await upgrade(database, folder, "thing_version")
    write(folder, "b2", "a1", "INSERT INTO thing VALUES (2)")
    assert await upgrade(database, folder, "thing_version") == "b2"
    assert await rows(database, "SELECT id FROM thing ORDER BY id") == [(1,), (2,)]
    await database.close()


async def test_features_do_not_share_their_versions(database_url: str, tmp_path: Path) -> None:
    database = await Database.open(database_url)
    for name in ("one", "two"):
        (tmp_path / name / "versions").mkdir(parents=True)
        write(tmp_path / name, "a1", None, f"CREATE TABLE {name} (id INTEGER)")
        assert await upgrade(database, tmp_path / name, f"{name}_version") == "a1"
        assert await rows(database, f"SELECT version_num FROM {name}_version") == [("a1",)]
    await database.close()


async def test_two_processes_that_start_together_take_turns(database_url: str, folder: Path) -> None:
    write(folder, "a1", None, "CREATE TABLE thing (id INTEGER)")
    databases = [await Database.open(database_url) for _ in range(3)]
    done = await asyncio.gather(*(upgrade(d, folder, "thing_version") for d in databases))
    assert done == ["a1"] * 3
    for database in databases:
        await database.close()


async def test_the_versions_that_there_are(folder: Path) -> None:
    write(folder, "a1", None, "CREATE TABLE thing (id INTEGER)")
    write(folder, "b2", "a1", "INSERT INTO thing VALUES (2)")
    assert (await revisions(folder), await newest(folder)) == ({"a1", "b2"}, "b2")
