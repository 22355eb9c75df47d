"""asteriskcdrdb as FreePBX and Issabel keep it, and PostgreSQL as the documentation has it."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from ami_listener.truth.calls import calls
from ami_listener.truth.csvfiles import read_folder
from ami_listener.truth.database import TruthDatabase
from cti.kernel.errors import ConfigurationError, DatabaseUnavailableError
from cti.live.profile import Profile
from cti.live.record import CallRecord
from tests.ami_listener.truth.tables import MARIADB, POSTGRESQL, fill
from tests.ami_listener.truth.traces import SCENARIOS
from tests.databases import mariadb, postgres

TEHRAN = ZoneInfo("Asia/Tehran")
FOLDERS = [s for s in SCENARIOS if s.parent.name == "asterisk-22" and s.name != "burst_50_concurrent"]
ALL = (1_795_300_000.0, 1_795_320_000.0)


def from_files(profile: Profile) -> dict[str, CallRecord]:
    found = (c.record for f in FOLDERS for c in calls(read_folder(f, dt.UTC, 0, 1e12), profile, "main"))
    return {record.id: record for record in found}


async def from_database(url: str, profile: Profile, zone: dt.tzinfo = TEHRAN) -> dict[str, CallRecord]:
    database = TruthDatabase(url, zone)
    rows = await database.read(*ALL)
    await database.close()
    return {call.record.id: call.record for call in calls(rows, profile, "main")}


async def test_postgresql_gives_the_very_same_calls(profile: Profile) -> None:
    url = postgres().new_url()
    await fill(url, POSTGRESQL, FOLDERS, TEHRAN)
    assert await from_database(url.replace("postgresql+asyncpg", "postgresql"), profile) == from_files(profile)


async def test_mariadb_gives_the_same_calls_to_the_second(profile: Profile) -> None:
    url = mariadb().new_url()
    await fill(url, MARIADB, FOLDERS, TEHRAN)
    found, wanted = await from_database(url.replace("mysql+aiomysql", "mysql"), profile), from_files(profile)
    assert found.keys() == wanted.keys()
    for call_id, record in found.items():
        want = wanted[call_id]
        assert (record.caller, record.dialled, record.queue) == (want.caller, want.dialled, want.queue)
        assert (record.direction, record.kind) == (want.direction, want.kind)
        assert 0 <= (want.started_at or 0) - (record.started_at or 0) < 1
        assert 0 <= (want.ended_at or 0) - (record.ended_at or 0) < 1


async def test_another_time_zone_is_another_time(profile: Profile) -> None:
    url = postgres().new_url()
    await fill(url, POSTGRESQL, FOLDERS[:1], TEHRAN)
    (right,) = (await from_database(url, profile)).values()
    (wrong,) = (await from_database(url, profile, ZoneInfo("Asia/Dubai"))).values()
    assert (wrong.started_at or 0) - (right.started_at or 0) == -1800


async def test_a_call_that_lies_across_the_ends_of_a_period_is_whole(profile: Profile) -> None:
    url = postgres().new_url()
    await fill(url, POSTGRESQL, FOLDERS, TEHRAN)
    database = TruthDatabase(url, TEHRAN)
    for want in from_files(profile).values():
        middle = ((want.started_at or 0) + (want.ended_at or 0)) / 2
        rows = await database.read(middle, middle + 0.2)
        found = {c.record.id: c for c in calls(rows, profile, "main")}
        if want.id in found:  # it did something within these 0.2 s
            assert found[want.id].record == want
            assert found[want.id].finished
    await database.close()


async def test_a_database_without_cel_still_gives_its_cdr() -> None:
    for url, tables in ((mariadb().new_url(), MARIADB), (postgres().new_url(), POSTGRESQL)):
        await fill(url, tables, FOLDERS[:3], TEHRAN, cel=False)
        database = TruthDatabase(url, TEHRAN)
        rows = await database.read(*ALL)
        assert (len(rows.cel), len({r.linkedid for r in rows.cdr})) == (0, 3)
        assert await database.begins() == pytest.approx(min(r.start for r in rows.cdr))
        await database.close()


async def test_columns_that_a_site_dropped_and_tables_of_other_names(profile: Profile) -> None:
    url = postgres().new_url()
    await fill(url, POSTGRESQL, FOLDERS, TEHRAN)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE cel RENAME TO asterisk_cel"))
        await connection.execute(text("ALTER TABLE asterisk_cel DROP COLUMN extra, DROP COLUMN cid_name"))
        await connection.execute(text("ALTER TABLE cdr DROP COLUMN linkedid"))
    await engine.dispose()
    found = await from_database(f"{url}&cel=asterisk_cel", profile)
    for call_id, want in from_files(profile).items():
        assert found[call_id].talk_seconds == pytest.approx(want.talk_seconds, abs=0.1), call_id
        assert found[call_id].hung_up_by is None


async def test_times_with_a_zone_need_no_setting(profile: Profile) -> None:
    url = postgres().new_url()
    await fill(url, POSTGRESQL, FOLDERS[:2], dt.UTC)
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        sql = "ALTER TABLE cel ALTER COLUMN eventtime TYPE timestamptz USING eventtime AT TIME ZONE 'UTC'"
        await connection.execute(text(sql))
    await engine.dispose()
    wanted = from_files(profile)
    database = TruthDatabase(url, TEHRAN)
    rows = await database.read(*ALL)
    await database.close()
    assert {c.record.id for c in calls(rows, profile, "main")} <= wanted.keys()
    assert min(row.at for row in rows.cel) == min(r.started_at or 0 for r in list(wanted.values())[:2])


async def test_an_empty_database_is_no_error() -> None:
    database = TruthDatabase(postgres().new_url(), TEHRAN)
    rows = await database.read(*ALL)
    assert (list(rows.cel), list(rows.cdr)) == ([], [])
    assert await database.begins() is None
    await database.close()


async def test_a_database_that_is_down_says_so() -> None:
    database = TruthDatabase("mysql://root:geheim@127.0.0.1:1/asteriskcdrdb", TEHRAN)
    with pytest.raises(DatabaseUnavailableError) as down:
        await database.read(*ALL)
    assert "geheim" not in str(down.value)
    await database.close()


@pytest.mark.parametrize("url", ["oracle://x/y", "mysql://x/y?cel=cel;DROP", "nonsense"])
def test_urls_that_cannot_be(url: str) -> None:
    with pytest.raises(ConfigurationError):
        TruthDatabase(url, TEHRAN)
