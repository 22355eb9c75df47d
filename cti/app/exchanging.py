"""``cti import contacts`` and ``cti export``: the same imports and exports as in the product, from the console.

Works beside a running product, which goes on with an import whose command was killed; so does the same command given
again. Neighbours: ``crm_core.exchange`` does it, ``cti.kernel.sheets`` writes files.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from call_log.query import CallFilter
from call_log.search import CallSearch
from crm_core.contacts.model import PartyFilter
from crm_core.exchange import export
from crm_core.exchange.model import AT_WORK, Import, ImportRow, Policy
from crm_core.exchange.service import Exchange
from crm_core.exchange.shown import sentence
from crm_core.exchange.vcards import vcard
from cti.app.crm import open_crm
from cti.app.storage import open_database
from cti.kernel.actor import system
from cti.kernel.clock import SystemClock
from cti.kernel.errors import InvalidError, TamasError
from cti.kernel.settings import Settings
from cti.kernel.sheets import Cell, Length, Look, Moment, Row, write_csv, write_xlsx
from cti.live.record import CallRecord
from web.services import Crm

ACTOR = system("cti import")
EXPORTER = system("cti export")
_PIECE = 1 << 20
_LOOK_SECONDS = 0.5
Tell = Callable[[str], None]


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[Crm]:
    database = await open_database(settings)
    try:
        yield open_crm(settings, database, SystemClock())
    finally:
        await database.close()


# ---- in --------------------------------------------------------------------------------------------------


async def import_contacts(
    settings: Settings, path: Path, mapping: str, policy: dict[str, Any], dry_run: bool, tell: Tell
) -> bool:
    """To its end; False if rows were set aside or it failed. ``mapping``: ``HEADER=TARGET`` parted by commas, or a JSON
    object of them. Raises TamasError."""
    async with _opened(settings) as crm:
        exchange = crm.exchange
        one = await _begun_before(exchange, path)
        if one is None or dry_run:
            one = await _new(exchange, path, mapping, policy, tell)
            one = await _worked(exchange, await exchange.check(ACTOR, one.id), tell)
            _tell_profile(one, tell)
            if dry_run or one.state != "checked":
                await exchange.discard(ACTOR, one.id)
                return one.state == "checked" and not (one.profile and one.profile.outcomes.get("faulty"))
            one = await exchange.start(ACTOR, one.id)
        else:
            tell(f"going on with the import of {one.name} after row {one.position}")
            if one.state == "paused":
                one = await exchange.resume(ACTOR, one.id)
        one = await _worked(exchange, one, tell)
        return await _tell_result(exchange, one, path, tell)


async def _begun_before(exchange: Exchange, path: Path) -> Import | None:
    digest = await asyncio.to_thread(_digest, path)
    found = await exchange.unfinished(ACTOR, digest)
    return next((one for one in found if one.state in ("running", "paused")), None)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _new(exchange: Exchange, path: Path, mapping: str, policy: dict[str, Any], tell: Tell) -> Import:
    exchange.admit(ACTOR, (await asyncio.to_thread(path.stat)).st_size)
    one = await exchange.receive(ACTOR, path.name, _pieces(path))
    assert one.looked is not None
    targets = _mapped(one, mapping)
    one = await exchange.map(ACTOR, one.id, targets, _policy(one, policy))
    for header, target in zip(one.looked.headers if one.looked else (), one.mapping, strict=True):
        tell(f"  {header or '(no name)'} -> {target or '(left out)'}")
    return one


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _policy(one: Import, chosen: dict[str, Any]) -> Policy:
    try:
        return msgspec.convert({**msgspec.to_builtins(one.policy), **chosen}, Policy)
    except msgspec.ValidationError as error:
        raise InvalidError("An option cannot be: %(error)s.", error=str(error)) from error


def _mapped(one: Import, mapping: str) -> list[str]:
    assert one.looked is not None
    if mapping.lstrip().startswith("{"):
        try:
            told = msgspec.json.decode(mapping, type=dict[str, str])
        except msgspec.DecodeError as error:
            raise InvalidError("--mapping: no JSON object of texts: %(error)s.", error=str(error)) from error
    else:
        told = dict(part.partition("=")[::2] for part in mapping.split(",") if part.strip())
    told = {header.strip(): target.strip() for header, target in told.items()}
    for header in told:
        if header not in one.looked.headers:
            raise InvalidError("The file has no column «%(header)s».", header=header)
    return [told.get(header, target) for header, target in zip(one.looked.headers, one.mapping, strict=True)]


async def _worked(exchange: Exchange, one: Import, tell: Tell) -> Import:
    """Do it, or watch the product do it, until it is over."""
    watching = asyncio.create_task(_watch(exchange, one.id, tell))
    try:
        while (one := await exchange.get(ACTOR, one.id)).state in AT_WORK:
            if not await exchange.work.one(one.id):
                await asyncio.sleep(_LOOK_SECONDS)
    finally:
        watching.cancel()
    return one


async def _watch(exchange: Exchange, import_id: str, tell: Tell) -> None:
    last = ""
    while True:
        await asyncio.sleep(2.0)
        one = await exchange.get(ACTOR, import_id)
        rows = one.position if one.state == "checking" else one.dealt
        line = f"{one.state}: {rows} of {one.total or '?'} rows"
        if line != last:
            tell(line)
        last = line


def _tell_profile(one: Import, tell: Tell) -> None:
    if one.profile is None:
        raise TamasError(sentence(one.fault) if one.fault else "the file could not be checked")
    found = one.profile
    tell(f"{found.rows} rows, {found.good} of them can be imported; numbers: {_said(found.numbers)}")
    tell(f"{found.matches} are there already, {found.twins} are twice in the file; would be: {_said(found.outcomes)}")
    for example in found.faults:
        tell(f"  row {example.row}: {example.text % example.values if example.values else example.text}")


def _said(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


async def _tell_result(exchange: Exchange, one: Import, path: Path, tell: Tell) -> bool:
    tell(f"{one.state}: {one.created} made, {one.updated} changed, {one.skipped} left out, {one.faulty} to mend")
    if one.fault is not None:
        tell(sentence(one.fault))
    if one.faulty:
        target = path.with_name(f"{path.stem}-to-mend.csv")
        await write_csv(target, [*(one.looked.headers if one.looked else ()), "error"], _faulty(exchange, one), Look())
        tell(f"rows to mend: {target}")
    tell(f"id {one.id}: it can be taken back on the page of imports")
    return one.state == "done" and not one.faulty


async def _faulty(exchange: Exchange, one: Import) -> AsyncIterator[Sequence[Row]]:
    width = len(one.looked.headers) if one.looked else 0
    async for part in exchange.faulty(ACTOR, one.id):
        yield [_to_mend(row, width) for row in part]


def _to_mend(row: ImportRow, width: int) -> list[Cell]:
    return [*([*row.cells, *[""] * width][:width]), "; ".join(map(sentence, row.faults))]


# ---- out -------------------------------------------------------------------------------------------------


async def export_contacts(settings: Settings, path: Path, kind: str, look: Look) -> int:
    """Every contact and company to ``path`` as csv, xlsx or vcard; how many there were."""
    async with _opened(settings) as crm:
        parts = await crm.exchange.export(EXPORTER, PartyFilter(), {"format": kind})
        count = 0
        fields = await crm.exchange.fields()

        async def rows() -> AsyncIterator[Sequence[Row]]:
            nonlocal count
            async for part in parts:
                count += len(part)
                yield [export.row(one, str, "en", fields, spaced=kind == "csv") for one in part]

        if kind == "vcard":
            with path.open("wb") as file:
                async for part in parts:
                    count += len(part)
                    await asyncio.to_thread(file.write, b"".join(map(vcard, part)))
        else:
            await _write(path, kind, "Contacts", export.header(str, "en", fields), rows(), look)
        return count


CALL_COLUMNS = (
    "Started", "Direction", "Caller", "Caller's name", "Dialled", "Queue", "Extensions", "Wait", "Talk", "Duration",
    "Outcome", "Ended by", "PBX", "Call id",
)  # fmt: skip


async def export_calls(settings: Settings, path: Path, kind: str, look: Look) -> int:
    """The whole call log to ``path``, the newest first; how many there were."""
    async with _opened(settings) as crm:
        search, count = CallSearch(crm.database), 0

        async def rows() -> AsyncIterator[Sequence[Row]]:
            nonlocal count
            cursor: str | None = None
            while True:
                page = await search.page(CallFilter(), cursor, 500)
                count += len(page.items)
                yield [_call(record) for record in page.items]
                if (cursor := page.next) is None:
                    return

        await crm.audit.did(EXPORTER, "exported", "call", "", {"format": kind})
        await _write(path, kind, "Calls", CALL_COLUMNS, rows(), look)
        return count


def _call(record: CallRecord) -> list[Cell]:
    return [
        None if record.started_at is None else Moment(record.started_at),
        record.direction,
        record.caller.number or record.caller.raw,
        record.caller.name,
        record.dialled.number or record.dialled.raw,
        record.queue,
        ", ".join(dict.fromkeys(leg.extension for leg in record.legs if leg.extension and leg.talk_seconds > 0)),
        None if record.wait_seconds is None else Length(record.wait_seconds),
        Length(record.talk_seconds),
        None if record.duration_seconds is None else Length(record.duration_seconds),
        record.outcome,
        record.hung_up_by,
        record.pbx,
        record.id,
    ]


async def _write(
    path: Path, kind: str, title: str, header: Sequence[str], rows: AsyncIterator[Sequence[Row]], look: Look
) -> None:
    if kind == "csv":
        await write_csv(path, header, rows, look)
    else:
        await write_xlsx(path, title, header, rows, look)
