"""The tables in which PBXs keep CDR and CEL, filled from the recorded scenarios."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

# As FreePBX's and Issabel's installers make them: whole seconds, local time, keys on the ids.
MARIADB = (
    """CREATE TABLE cdr (
        calldate datetime NOT NULL default '1000-01-01 00:00:00', clid varchar(80) NOT NULL default '',
        src varchar(80) NOT NULL default '', dst varchar(80) NOT NULL default '',
        dcontext varchar(80) NOT NULL default '', channel varchar(80) NOT NULL default '',
        dstchannel varchar(80) NOT NULL default '', lastapp varchar(80) NOT NULL default '',
        lastdata varchar(80) NOT NULL default '', duration int(11) NOT NULL default 0,
        billsec int(11) NOT NULL default 0, disposition varchar(45) NOT NULL default '',
        amaflags int(11) NOT NULL default 0, accountcode varchar(20) NOT NULL default '',
        uniqueid varchar(32) NOT NULL default '', userfield varchar(255) NOT NULL default '',
        did varchar(50) NOT NULL default '', recordingfile varchar(255) NOT NULL default '',
        cnum varchar(80) NOT NULL default '', cnam varchar(80) NOT NULL default '',
        outbound_cnum varchar(80) NOT NULL default '', outbound_cnam varchar(80) NOT NULL default '',
        dst_cnam varchar(80) NOT NULL default '', linkedid varchar(32) NOT NULL default '',
        peeraccount varchar(80) NOT NULL default '', sequence int(11) NOT NULL default 0,
        KEY calldate (calldate), KEY uniqueid (uniqueid)
    ) DEFAULT CHARSET=utf8mb4""",
    """CREATE TABLE cel (
        id int(11) NOT NULL auto_increment PRIMARY KEY, eventtype varchar(30) NOT NULL, eventtime datetime NOT NULL,
        cid_name varchar(80) NOT NULL, cid_num varchar(80) NOT NULL, cid_ani varchar(80) NOT NULL default '',
        cid_rdnis varchar(80) NOT NULL default '', cid_dnid varchar(80) NOT NULL default '', exten varchar(80) NOT NULL,
        context varchar(80) NOT NULL, channame varchar(80) NOT NULL, appname varchar(80) NOT NULL,
        appdata varchar(255) NOT NULL, amaflags int(11) NOT NULL default 3, accountcode varchar(20) NOT NULL default '',
        uniqueid varchar(32) NOT NULL, linkedid varchar(32) NOT NULL, peer varchar(80) NOT NULL,
        userdeftype varchar(255) NOT NULL default '', extra varchar(512) NOT NULL default '',
        KEY uniqueid_index (uniqueid), KEY linkedid_index (linkedid)
    ) DEFAULT CHARSET=utf8mb4""",
)
# As the documentation of cdr_pgsql and cel_pgsql has them.
POSTGRESQL = (
    """CREATE TABLE cdr (
        start timestamp, answer timestamp, "end" timestamp, clid varchar(80), src varchar(80), dst varchar(80),
        dcontext varchar(80), channel varchar(80), dstchannel varchar(80), lastapp varchar(80), lastdata varchar(80),
        duration double precision, billsec double precision, disposition varchar(45), amaflags int,
        accountcode varchar(20), uniqueid varchar(150), userfield varchar(255), linkedid varchar(150)
    )""",
    """CREATE TABLE cel (
        id serial PRIMARY KEY, eventtype varchar(30) NOT NULL, eventtime timestamp NOT NULL, userdeftype varchar(255),
        cid_name varchar(80), cid_num varchar(80), cid_ani varchar(80), cid_rdnis varchar(80), cid_dnid varchar(80),
        exten varchar(80), context varchar(80), channame varchar(80), appname varchar(80), appdata text, amaflags int,
        accountcode varchar(20), peeraccount varchar(20), uniqueid varchar(150), linkedid varchar(150),
        userfield varchar(255), peer varchar(255), extra text
    )""",
)
_CEL = ("eventtype", "cid_name", "cid_num", "exten", "context", "channame", "appname", "appdata", "uniqueid",
        "linkedid", "peer", "extra")  # fmt: skip
_CDR = ("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "disposition", "uniqueid",
        "linkedid")  # fmt: skip


async def fill(url: str, tables: Sequence[str], folders: Iterable[Path], zone: dt.tzinfo, *, cel: bool = True) -> None:
    """Make these tables and put the scenarios' rows into them, in the PBX's local time."""
    whole = url.startswith("mysql")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        for statement in tables if cel else tables[:1]:
            await connection.execute(text(statement))
        for folder in folders:
            if cel:
                rows = [_cel(row, zone, whole) for row in _read(folder / "cel.csv")]
                await connection.execute(text(_insert("cel", rows[0])), rows)
            details = [_cdr(row, zone, whole) for row in _read(folder / "cdr.csv")]
            await connection.execute(text(_insert("cdr", details[0])), details)
    await engine.dispose()


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _insert(table: str, row: dict[str, Any]) -> str:
    names = [f'"{name}"' if name == "end" else name for name in row]
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in row)})"


def _local(text_: str, zone: dt.tzinfo, whole: bool) -> dt.datetime | None:
    at = float(text_)
    if at <= 0:
        return None
    moment = dt.datetime.fromtimestamp(at, zone).replace(tzinfo=None)
    return moment.replace(microsecond=0) if whole else moment


def _cel(row: dict[str, str], zone: dt.tzinfo, whole: bool) -> dict[str, Any]:
    return {"eventtime": _local(row["eventtime"], zone, whole), **{name: row[name] for name in _CEL}}


def _cdr(row: dict[str, str], zone: dt.tzinfo, whole: bool) -> dict[str, Any]:
    found: dict[str, Any] = {name: row[name] for name in _CDR}
    if whole:
        found |= {"calldate": _local(row["start"], zone, True)}
        found |= {name: round(float(row[name])) for name in ("duration", "billsec")}
    else:
        found |= {name: _local(row[name], zone, False) for name in ("start", "answer", "end")}
        found |= {name: float(row[name]) for name in ("duration", "billsec")}
    return found
