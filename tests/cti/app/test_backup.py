"""Everything comes back, on either kind of database, while others write; what is not whole changes nothing."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
import zstandard

from crm_core.contacts.model import Draft
from cti.app import backup as backups
from cti.app.backup import backup, restore
from cti.app.crm import open_crm
from cti.app.storage import FEATURES, open_database
from cti.kernel import dump
from cti.kernel.actor import system
from cti.kernel.archive import ArchiveWriter, DamagedError, check, members, whole
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database
from cti.kernel.errors import ConfigurationError, ConflictError
from cti.kernel.settings import Settings
from tests.crm import new_url
from tests.databases import postgres

KINDS = ["sqlite", "postgresql"]
ALL = system("test")


def quiet(_text: str) -> None:
    """What is said of the progress is for people."""


def installation(folder: Path, kind: str, *, fresh: bool = True) -> Settings:
    """``fresh``: a database in which there is nothing at all; else one with empty tables."""
    folder.mkdir(parents=True, exist_ok=True)
    if not fresh:
        return Settings(data=str(folder), database_url=new_url(kind, folder))
    return Settings(data=str(folder), database_url=postgres().new_url() if kind == "postgresql" else "")


@pytest.fixture(params=KINDS)
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Settings]:
    """An installation with something in many tables, and with files."""
    settings = installation(tmp_path / "source", request.param, fresh=False)
    database = Database.at(settings.database)
    await _fill(database)
    (settings.folder / "files" / "ab").mkdir(parents=True)
    (settings.folder / "files" / "ab" / "abcdef").write_bytes(b"a file")
    (settings.folder / "files" / "incoming").mkdir()
    (settings.folder / "files" / "incoming" / "half").write_bytes(b"half a file")
    (settings.folder / "files" / "link").symlink_to("/etc/passwd")
    yield settings
    await database.close()


async def _fill(database: Database) -> None:
    crm = open_crm(Settings(), database, SystemClock())
    async with database.transaction() as tx:
        await crm.audit.note_many(tx, ALL, "imported", "contact", [f"c{n}" for n in range(dump.BATCH + 1)])
        await tx.execute(
            "INSERT INTO reply (actor, key, fingerprint, status, body, at) VALUES ('u', 'k', 'متن', 201, ?, 1.5)",
            b"\0\xff",
        )
        await tx.execute("INSERT INTO team (id, name, changed_at, version) VALUES ('t', 'فروش', 1.25, 1)")


_TABLES: dict[str, Sequence[sa.Table]] = {}
"""What this version has, on each kind of database."""


async def contents(settings: Settings) -> dict[str, list[str]]:
    """Every row of every table, in an order of its own."""
    database = Database.at(settings.database)
    found: dict[str, list[str]] = {}
    async with database.read() as reader:
        if database.dialect not in _TABLES:
            _TABLES[database.dialect] = await dump.tables(reader)  # looking at all of them takes half a second
        for table in _TABLES[database.dialect]:
            rows = [
                row async for batch in dump.read_rows(reader, table) for row in dump.read_lines(dump.write_lines(batch))
            ]
            found[str(table.name)] = sorted(map(_plain, rows))
    await database.close()
    return found


def _plain(row: Sequence[Any]) -> str:
    return repr([int(value) if isinstance(value, bool) else value for value in row])


def noted(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without the entry that a restore makes of itself."""
    return found | {"audit": [row for row in found["audit"] if "'cti restore'" not in row]}


@pytest.mark.parametrize("kind", KINDS)
async def test_everything_comes_back(source: Settings, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "b.tar.zst"
    assert await backup(source, path, quiet) == path.stat().st_size
    target = installation(tmp_path / "target", kind)
    await restore(target, path, say=quiet)
    assert noted(await contents(target)) == await contents(source)
    files = [p.relative_to(target.folder / "files") for p in (target.folder / "files").rglob("*") if p.is_file()]
    assert [str(file) for file in files] == ["ab/abcdef"]
    assert (target.folder / "files" / "ab" / "abcdef").read_bytes() == b"a file"


async def test_the_restored_one_works_on(source: Settings, tmp_path: Path) -> None:
    await backup(source, tmp_path / "b", quiet)
    target = installation(tmp_path / "target", "postgresql")
    await restore(target, tmp_path / "b", say=quiet)
    database = await open_database(target)
    crm = open_crm(target, database, SystemClock())
    made = await crm.contacts.create(ALL, "person", Draft(first_name="سارا", last_name="کریمی"))
    assert (await crm.contacts.get(ALL, made.id)).name == "سارا کریمی"
    with pytest.raises(Exception, match="only ever added to"):
        async with database.transaction() as tx:
            await tx.execute("DELETE FROM audit")
    await database.close()


async def test_consistent_while_others_write(source: Settings, tmp_path: Path) -> None:
    """Each write puts one row into two tables: a backup has both or neither."""
    database = Database.at(source.database)
    stopped = asyncio.Event()
    written = 0

    async def write() -> None:
        nonlocal written
        while not stopped.is_set():
            async with database.transaction() as tx:
                key = f"w{written}"
                await tx.execute("INSERT INTO pbx_clock (pbx, at, offset_seconds) VALUES (?, 1.0, 0.0)", key)
                await tx.execute("INSERT INTO truth_day (pbx, day, checked_at) VALUES (?, 'd', 1.0)", key)
            written += 1
            await asyncio.sleep(0)

    writer = asyncio.create_task(write())
    for number in range(2):
        before = written
        await backup(source, tmp_path / f"{number}", quiet)
        target = installation(tmp_path / f"target{number}", "sqlite")
        await restore(target, tmp_path / f"{number}", say=quiet)
        found = await contents(target)
        assert len(found["pbx_clock"]) == len(found["truth_day"]) >= before
        assert written > before
    stopped.set()
    await writer
    await database.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_data_is_not_lost_unless_asked(source: Settings, tmp_path: Path, kind: str) -> None:
    await backup(source, tmp_path / "b", quiet)
    target = installation(tmp_path / "target", kind, fresh=False)
    await restore(target, tmp_path / "b", say=quiet)  # tables, and nothing in them
    database = Database.at(target.database)
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO team (id, name, changed_at, version) VALUES ('new', 'new', 1.0, 1)")
    await database.close()
    with pytest.raises(ConflictError, match="--replace"):
        await restore(target, tmp_path / "b", say=quiet)
    assert len((await contents(target))["team"]) == 2
    await restore(target, tmp_path / "b", replace=True, say=quiet)
    assert noted(await contents(target)) == await contents(source)


@pytest.mark.parametrize("kind", KINDS)
async def test_not_into_a_running_product(source: Settings, tmp_path: Path, kind: str) -> None:
    await backup(source, tmp_path / "b", quiet)
    target = installation(tmp_path / "target", kind, fresh=False)
    database = Database.at(target.database)
    async with database.read() as reader:
        await reader.one("SELECT count(*) FROM audit")
        with pytest.raises(ConflictError, match="stop the product"):
            await restore(target, tmp_path / "b", replace=True, say=quiet)
    await database.close()
    assert (await contents(target))["audit"] == []


async def test_a_backup_does_not_write_over_a_file(source: Settings, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(ConflictError, match="exists already"):
        await backup(source, tmp_path / "b", quiet)
    assert (tmp_path / "b").read_text() == "mine"


async def test_only_what_is_there_and_of_this_version_is_backed_up(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no database"):
        await backup(Settings(data=str(tmp_path / "none")), tmp_path / "b", quiet)
    settings = installation(tmp_path / "old", "sqlite", fresh=False)
    database = Database.at(settings.database)
    async with database.transaction() as tx:
        await tx.execute("UPDATE audit_version SET version_num = '0000'")
    await database.close()
    with pytest.raises(ConfigurationError, match="cti migrate"):
        await backup(settings, tmp_path / "b", quiet)
    assert not (tmp_path / "b").exists()


Change = Callable[[dict[str, Any]], None]


def rewritten(path: Path, target: Path, change: Change, files: dict[str, bytes] | None = None) -> Path:
    """The same backup with another manifest, and further files, all with true checksums."""
    with ArchiveWriter(target) as writer:
        for name, content in members(path):
            if name != "manifest.json":
                writer.add(name, whole(content))
        for name, data in (files or {}).items():
            writer.add(name, data)
        about = dict(check(path).about)
        change(about)
        writer.finish(about)
    return target


def _later_format(about: dict[str, Any]) -> None:
    about["format"] = 2


def _later_tables(about: dict[str, Any]) -> None:
    about["versions"]["audit_version"] = "9999"


def _unknown_feature(about: dict[str, Any]) -> None:
    about["versions"]["tickets_version"] = "0001"


def _nothing(about: dict[str, Any]) -> None:
    about.clear()


def _other_columns(about: dict[str, Any]) -> None:
    about["tables"]["team"] = ["id", "password"]


def _as_it_is(_about: dict[str, Any]) -> None:
    """The manifest stays."""


CANNOT_BE_RESTORED: tuple[tuple[Change, dict[str, bytes], type[Exception]], ...] = (
    (_later_format, {}, ConfigurationError),
    (_later_tables, {}, ConfigurationError),
    (_unknown_feature, {}, ConfigurationError),
    (_nothing, {}, DamagedError),
    (_other_columns, {}, DamagedError),
    (_as_it_is, {"tables/secrets/1.jsonl": b"[1]\n"}, DamagedError),
    (_as_it_is, {"tables/team/9.jsonl": b"{}\n"}, DamagedError),
    (_as_it_is, {"tables/team/9.jsonl": b'["x"]\n'}, DamagedError),
    (_as_it_is, {"files/../../escaped": b"x"}, DamagedError),
    (_as_it_is, {"files//etc/escaped": b"x"}, DamagedError),
    (_as_it_is, {"files/a\\b": b"x"}, DamagedError),
)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_restored_changes_nothing(tmp_path: Path, kind: str) -> None:
    source = installation(tmp_path / "source", "sqlite", fresh=False)
    database = Database.at(source.database)
    await _fill(database)
    await database.close()
    await backup(source, tmp_path / "b", quiet)
    target = installation(tmp_path / "target", kind, fresh=False)
    before = await contents(target)
    for number, (change, files, error) in enumerate(CANNOT_BE_RESTORED):
        bad = rewritten(tmp_path / "b", tmp_path / f"bad{number}", change, files)
        with pytest.raises(error):
            await restore(target, bad, replace=True, say=quiet)
    assert await contents(target) == before
    assert not left_over(tmp_path)


def left_over(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name == "escaped" or ".restoring" in path.name]


async def test_a_damaged_file_changes_nothing(source: Settings, tmp_path: Path) -> None:
    await backup(source, tmp_path / "b", quiet)
    data = (tmp_path / "b").read_bytes()
    target = installation(tmp_path / "target", "sqlite", fresh=False)
    before = await contents(target)
    for broken in (data[:-100], data[: len(data) // 2], b"", data[:1000] + b"\0" + data[1001:]):
        (tmp_path / "broken").write_bytes(broken)
        with pytest.raises(DamagedError):
            await restore(target, tmp_path / "broken", replace=True, say=quiet)
    assert await contents(target) == before


async def test_a_database_that_cannot_be_read_is_replaced(source: Settings, tmp_path: Path) -> None:
    await backup(source, tmp_path / "b", quiet)
    target = installation(tmp_path / "target", "sqlite")
    place = target.folder / "tamas.db"
    place.write_bytes(b"no database at all" * 1000)
    with pytest.raises(ConflictError, match="--replace"):
        await restore(target, tmp_path / "b", say=quiet)
    await restore(target, tmp_path / "b", replace=True, say=quiet)
    assert noted(await contents(target)) == await contents(source)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.chaos)])
async def test_killed_in_the_middle_the_old_data_stays(tmp_path: Path, kind: str) -> None:
    source = installation(tmp_path / "source", "sqlite", fresh=False)
    database = Database.at(source.database)
    for _ in range(20):
        await _more(database)
    await database.close()
    await backup(source, tmp_path / "b", quiet)
    target = installation(tmp_path / "target", kind, fresh=False)
    database = Database.at(target.database)
    await _fill(database)
    await database.close()
    before = await contents(target)
    for delay in (0.1, 0.3, 0.5):
        await asyncio.to_thread(_killed, target, tmp_path / "b", delay)
        assert await contents(target) == before
    await restore(target, tmp_path / "b", replace=True, say=quiet)
    assert noted(await contents(target)) == await contents(source)


async def _more(database: Database) -> None:
    crm = open_crm(Settings(), database, SystemClock())
    async with database.transaction() as tx:
        await crm.audit.note_many(tx, ALL, "imported", "contact", [f"c{n}" for n in range(5000)])


def _killed(target: Settings, path: Path, delay: float) -> None:
    """Restore in a process of its own, and kill it ``delay`` seconds after its first rows came in."""
    environment = {**os.environ, "CTI_DATA": target.data, "CTI_DATABASE_URL": target.database}
    command = [sys.executable, "-m", "cti", "restore", str(path), "--replace"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    assert b"is whole" in process.stdout.readline()
    time.sleep(delay)  # somewhere within the second or two that the rows take
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def test_a_backup_tells_no_settings_that_are_secret() -> None:
    assert not {"pbx_url", "database_url", "cdr_url", "tls_key"}.intersection(backups.KEPT_SETTINGS)


async def test_the_file_is_what_it_says(source: Settings, tmp_path: Path) -> None:
    """Readable without us: a tar of JSON lines."""
    await backup(source, tmp_path / "b", quiet)
    plain = zstandard.ZstdDecompressor().stream_reader((tmp_path / "b").open("rb")).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        lines = tar.extractfile("tables/team/000001.jsonl").read()  # type: ignore[union-attr]
        manifest = msgspec.json.decode(tar.extractfile("manifest.json").read())  # type: ignore[union-attr]
    row = dict(zip(manifest["about"]["tables"]["team"], msgspec.json.decode(lines), strict=True))
    assert row == {"id": "t", "name": "فروش", "changed_at": 1.25, "version": 1}
    assert set(manifest["about"]["versions"]) == {feature.VERSION_TABLE for feature in FEATURES}


@pytest.mark.parametrize("kind", KINDS)
async def test_it_is_known_which_tables_are_never_empty(kind: str, tmp_path: Path) -> None:
    database = await open_database(installation(tmp_path / "new", kind))
    async with database.read() as reader:
        names = [table.name for table in await dump.tables(reader, backups.VERSIONS)]
        filled = [name for name in names if await reader.one(f'SELECT 1 FROM "{name}" LIMIT 1') is not None]
    await database.close()
    assert set(filled) - set(backups.VERSIONS) == set(backups.SEEDED)
