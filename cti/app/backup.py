"""``cti backup`` and ``cti restore``: everything of an installation as one file, and back into either kind of database.

The file holds rows and not a database's own format, so a backup of SQLite restores into PostgreSQL. A restore is whole
or not at all: PostgreSQL takes it in one transaction, SQLite as a new file that takes the place of the old in one step.
Neighbours: ``cti.kernel.archive`` is the file, ``cti.kernel.dump`` reads and writes rows, ``storage`` lists features.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy.exc import DatabaseError

from crm_core.audit.service import Audit
from cti.app.storage import FEATURES, open_database
from cti.kernel import archive, dump
from cti.kernel.actor import system
from cti.kernel.archive import ArchiveWriter, DamagedError, Manifest
from cti.kernel.clock import SystemClock
from cti.kernel.db import Database, Reader, Transaction, parse_url
from cti.kernel.errors import ConfigurationError, ConflictError
from cti.kernel.migrations import newest, revisions, upgrade_in
from cti.kernel.settings import Settings

FORMAT = 1
FILES = "files"
UNFINISHED = "incoming"
"""Uploads that are still coming in."""
SEEDED = ("role", "access_state", "disposition", "call_agent_since")
"""Tables that are not empty in a database that nobody has used yet."""
KEPT_SETTINGS = ("region", "timezone", "language", "pbx")
"""Settings that a reader of the backup may want to know and that hold no secret."""

Say = Callable[[str], None]
VERSIONS = tuple(feature.VERSION_TABLE for feature in FEATURES)


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What the manifest says. ``versions``: of each feature's tables; ``tables``: the columns of each, in the order in
    which they are put in."""

    format: int
    product: str
    made_at: float
    versions: dict[str, str]
    tables: dict[str, tuple[str, ...]]
    settings: dict[str, Any] = {}


# ---- backup -------------------------------------------------------------------------------------


async def backup(settings: Settings, path: Path, say: Say = print) -> int:
    """Write all of it to ``path`` while the product runs on; the bytes of the file. ConflictError if it is there."""
    _require_free(path)
    database = await _existing(settings)
    try:
        audit = Audit(database, SystemClock())
        await audit.did(system("cti backup"), "exported", "backup", path.name)
        with ArchiveWriter(path) as writer:
            async with database.read() as reader:
                await dump.begin_snapshot(reader)
                about = await _write_tables(reader, writer, say)
            _write_files(settings.folder / FILES, writer, say)
            kept = {name: getattr(settings, name) for name in KEPT_SETTINGS}
            writer.finish(msgspec.to_builtins(msgspec.structs.replace(about, settings=kept)))
    finally:
        await database.close()
    return _size(path)


def _require_free(path: Path) -> None:
    if path.exists():
        raise ConflictError(f"{path} exists already; choose another name")


def _size(path: Path) -> int:
    return path.stat().st_size


async def _existing(settings: Settings) -> Database:
    """The database, which must be there and of this version: a backup changes no tables."""
    _require_file(settings.database)
    database = Database.at(settings.database)
    try:
        async with database.read() as reader:
            stands = await _versions(reader)
    except BaseException:
        await database.close()
        raise
    for feature in FEATURES:
        if stands.get(feature.VERSION_TABLE) not in await revisions(feature.FOLDER):
            await database.close()
            raise ConfigurationError("the database is not of this version of Tamas; run cti migrate first")
    return database


def _require_file(url: str) -> None:
    address, dialect = parse_url(url)
    if dialect == "sqlite" and not Path(address.database or "").is_file():
        raise ConfigurationError(f"there is no database at {address.database}")


async def _versions(reader: Reader) -> dict[str, str]:
    """The version of each feature's tables, as far as they are there."""
    there = {table.name for table in await dump.tables(reader)}
    found = {}
    for name in sorted(there.intersection(VERSIONS)):
        row = await reader.one(f"SELECT version_num FROM {name}")
        if row is not None:
            found[name] = str(row[0])
    return found


async def _write_tables(reader: Reader, writer: ArchiveWriter, say: Say) -> About:
    tables = await dump.tables(reader, VERSIONS)
    for table in tables:
        rows = part = 0
        async for batch in dump.read_rows(reader, table):
            part += 1
            rows += len(batch)
            writer.add(f"tables/{table.name}/{part:06}.jsonl", dump.write_lines(batch))
        if rows:
            say(f"{table.name}: {rows:,} rows")
    return About(
        format=FORMAT,
        product=version("tamas"),
        made_at=time.time(),
        versions=await _versions(reader),
        tables={str(table.name): tuple(str(column.name) for column in table.columns) for table in tables},
    )


def _write_files(folder: Path, writer: ArchiveWriter, say: Say) -> None:
    count = 0
    for path in _plain_files(folder):
        try:
            writer.add_file(f"{FILES}/{path.relative_to(folder).as_posix()}", path)
            count += 1
        except FileNotFoundError:  # deleted since it was listed
            continue
    if count:
        say(f"files: {count:,}")


def _plain_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.relative_to(folder).parts[0] != UNFINISHED:
            yield path


# ---- restore ------------------------------------------------------------------------------------


async def restore(settings: Settings, path: Path, *, replace: bool = False, say: Say = print) -> None:
    """Put the backup in the place of what is there now.

    DamagedError for a file that is not whole, ConfigurationError for one of a later version, ConflictError where there
    is data already (unless ``replace``) or the product runs. Whatever goes wrong, what was there before stays.
    """
    manifest = archive.check(path)
    about = await _readable(path, manifest)
    say(f"{path.name} is whole; made {time.strftime('%Y-%m-%d %H:%M', time.localtime(about.made_at))}")
    settings.folder.mkdir(parents=True, exist_ok=True)
    _, dialect = parse_url(settings.database)
    target = _into_sqlite if dialect == "sqlite" else _into_postgresql
    async with target(settings.database, replace) as tx:
        await _fill(tx, path, about, settings.folder / FILES, say)
    database = await open_database(settings)
    try:
        await Audit(database, SystemClock()).did(system("cti restore"), "restored", "backup", path.name)
    finally:
        await database.close()


async def _readable(path: Path, manifest: Manifest) -> About:
    """What the manifest says, if this version can read it."""
    later = ConfigurationError(f"{path} was made by a later version of Tamas; restore it with that version")
    found = manifest.about.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise later
    try:
        about = msgspec.convert(manifest.about, About)
    except msgspec.ValidationError as error:
        raise DamagedError(f"{path} is no backup of Tamas: {error}") from error
    known = {feature.VERSION_TABLE: await revisions(feature.FOLDER) for feature in FEATURES}
    for name, revision in about.versions.items():
        if revision not in known.get(name, ()):
            raise later
    return about


async def _fill(tx: Transaction, path: Path, about: About, files: Path, say: Say) -> None:
    """Tables as they were then, their rows, then up to this version; and the files."""
    for feature in FEATURES:
        if feature.VERSION_TABLE in about.versions:
            await upgrade_in(tx, feature.FOLDER, feature.VERSION_TABLE, about.versions[feature.VERSION_TABLE])
    tables = {table.name: table for table in await dump.tables(tx, VERSIONS)}
    for name in SEEDED:
        if name in tables:
            await tx.execute(f"DELETE FROM {name}")
    for name, content in archive.members(path):
        folder, _, rest = name.partition("/")
        if folder == "tables":
            table = rest.partition("/")[0]
            await _put(tx, path, tables, about, table, archive.whole(content))
        elif folder == FILES:
            _put_file(files, rest, content)
    for table_ in tables.values():
        await dump.set_counters(tx, table_)
    for feature in FEATURES:
        if about.versions.get(feature.VERSION_TABLE) != await newest(feature.FOLDER):
            await upgrade_in(tx, feature.FOLDER, feature.VERSION_TABLE)
    say(f"{len(about.tables)} tables are restored")


async def _put(tx: Transaction, path: Path, tables: dict[str, Any], about: About, name: str, data: bytes) -> None:
    if name not in tables or name not in about.tables:
        raise DamagedError(f"{path} is no backup of Tamas: there is no table {name!r}")
    try:
        loader = dump.Loader(tx, tables[name], about.tables[name])
        await loader.put(dump.read_lines(data))
    except (KeyError, ValueError, TypeError, msgspec.DecodeError) as error:
        raise DamagedError(f"{path}: the rows of {name} cannot be read: {error}") from error


def _put_file(folder: Path, name: str, content: archive.Content) -> None:
    """Beside what is there: files are called by their content, so one that is there already is the same."""
    parts = name.split("/")
    if not all(parts) or any(part in (".", "..") or "\\" in part or "\0" in part for part in parts):
        raise DamagedError(f"the backup holds a file with a path of its own choosing: {name!r}")
    place = folder.joinpath(*parts)
    if place.is_file():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(place.name + ".part")
    with beside.open("wb") as file:
        while data := content.read(1 << 20):
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(place)


@asynccontextmanager
async def _into_postgresql(url: str, replace: bool) -> AsyncIterator[Transaction]:
    """One transaction, in which what is there is taken away first."""
    database = Database.at(url)
    try:
        async with database.transaction() as tx:
            others = await tx.one(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if others is not None and others[0]:
                raise ConflictError("the database is in use; stop the product, then restore")
            tables = await dump.tables(tx)
            await _refuse_data(tx, [table.name for table in tables], replace)
            await dump.drop_all(tx, tables, VERSIONS)
            yield tx
    finally:
        await database.close()


@asynccontextmanager
async def _into_sqlite(url: str, replace: bool) -> AsyncIterator[Transaction]:
    """A new file, which takes the place of the old one when all is in it."""
    place = Path(parse_url(url)[0].database or "")
    place.parent.mkdir(parents=True, exist_ok=True)
    if not replace:
        await _look_for_data(url, place)
    with _alone(place):
        beside = place.with_name(place.name + ".restoring")
        _remove(beside)
        database = await Database.open(f"sqlite+aiosqlite:///{beside}")
        try:
            async with database.transaction() as tx:
                yield tx
        except BaseException:
            await database.close()
            _remove(beside)
            raise
        await database.close()
        _settle(beside)
        beside.replace(place)
        _settle(place)


async def _look_for_data(url: str, place: Path) -> None:
    if not await asyncio.to_thread(place.is_file):
        return
    database = Database.at(url)
    try:
        async with database.read() as reader:
            await _refuse_data(reader, [table.name for table in await dump.tables(reader)], replace=False)
    except DatabaseError as error:
        raise ConflictError(f"what is in {place} cannot be read; restore with --replace to lose it") from error
    finally:
        await database.close()


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Nobody else has this SQLite file open meanwhile. ConflictError if somebody has. A file that SQLite cannot read
    is nobody's; its write-ahead log must not be taken for that of the file that comes in its place."""
    if not place.is_file():
        yield
        return
    holder = sqlite3.connect(place, timeout=0, isolation_level=None)
    try:
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")  # https://sqlite.org/wal.html section 8
        holder.execute("BEGIN EXCLUSIVE")
        holder.execute("COMMIT")
        holder.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.OperationalError as error:
        holder.close()
        raise ConflictError("the database is in use; stop the product, then restore") from error
    except sqlite3.DatabaseError:
        _remove(place, itself=False)
    try:
        yield
    finally:
        holder.close()


def _remove(place: Path, itself: bool = True) -> None:
    """Take away a SQLite file with what SQLite keeps beside it."""
    for path in (place, *(place.with_name(place.name + end) for end in ("-wal", "-shm", "-journal"))):
        if itself or path != place:
            path.unlink(missing_ok=True)


def _settle(path: Path) -> None:
    """On the disk, with its name in its folder."""
    for one in (path, path.parent):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


async def _refuse_data(reader: Reader, names: Sequence[str], replace: bool) -> None:
    if replace:
        return
    for name in names:
        if name not in (*SEEDED, *VERSIONS) and await reader.one(f'SELECT 1 FROM "{name}" LIMIT 1') is not None:
            raise ConflictError("there is data in the database already; restore with --replace to lose it")
