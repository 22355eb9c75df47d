"""``/calls/export``: the calls that the list's filters describe, as CSV or XLSX; noted in the audit before it begins.

Neighbours: ``calls`` shows the same list, ``web.sheets`` sends the file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from aiohttp import web

from crm_core.results.model import Said
from cti.kernel.actor import Actor
from cti.kernel.errors import InvalidError
from cti.kernel.sheets import Cell, Length, Moment, Row
from cti.live.record import CallRecord
from screenpop.presenter import handlers, other_party, party_name, peer_of
from web import i18n
from web.i18n import N_
from web.page import SERVICES, Page, actor_of, language_of
from web.pages.calls import asked_of
from web.results import DIRECTIONS, SIDES, outcome_of
from web.services import Services
from web.sheets import file_kind, look_of, send_sheet

COLUMNS: tuple[str, ...] = (
    N_("Time"),
    N_("Direction"),
    N_("Name"),
    N_("Number"),
    N_("Number as the PBX gave it"),
    N_("Dialled"),
    N_("Queue"),
    N_("Agents"),
    N_("Wait"),
    N_("Talk"),
    N_("Hold"),
    N_("Total"),
    N_("Outcome"),
    N_("Result of the call"),
    N_("Notes"),
    N_("Ended by"),
    N_("PBX"),
    N_("Call id"),
)
Say = Callable[[str], str]


async def _export(request: web.Request) -> web.StreamResponse:
    services, actor = request.app[SERVICES], actor_of(request)
    asked = await asked_of(request)
    for problem in asked.problems.values():
        raise InvalidError(problem)
    kind, look = file_kind(request.query), look_of(request)
    batches = await services.calls.export(actor, asked.wanted)
    await services.crm.audit.did(actor, "exported", "call", "", {"filter": asked.typed, "format": kind})
    say = i18n.translations(language_of(request)).gettext
    name = f"tamas-calls-{look.day(look.local(services.clock.now()).date()).replace('/', '-')}"
    rows = _rows(services, actor, batches, say, language_of(request))
    return await send_sheet(request, name, say("Calls"), [say(text) for text in COLUMNS], rows)


async def _rows(
    services: Services, actor: Actor, batches: AsyncIterator[Sequence[CallRecord]], say: Say, language: str
) -> AsyncIterator[Sequence[Row]]:
    async for batch in batches:
        said = await services.crm.results.of_calls(actor, [record.id for record in batch])
        yield [_row(services, record, say, said.get(record.id), language) for record in batch]


def _row(services: Services, record: CallRecord, say: Say, said: Said | None, language: str) -> list[Cell]:
    path = said.result.path if said is not None and said.result is not None else ()
    party, board = other_party(record), services.feed.board
    spoke = [board.name_of(record.pbx, x.endpoint) or x.extension or peer_of(x.endpoint) for x in handlers(record)]
    return [
        None if record.started_at is None else Moment(record.started_at),
        say(DIRECTIONS[record.direction][0]),
        party_name(party),
        party.number or party.raw,
        party.raw,
        record.dialled.number or record.dialled.raw,
        record.queue,
        say(", ").join(spoke),
        None if record.wait_seconds is None else Length(record.wait_seconds),
        Length(record.talk_seconds),
        Length(record.hold_seconds),
        None if record.duration_seconds is None else Length(record.duration_seconds),
        say(outcome_of(record, board.live(record.id) is not None).text),
        " › ".join(part.label(language) for part in path),
        "\n".join(note.text for note in said.notes) if said is not None else "",
        say(SIDES[record.hung_up_by]) if record.hung_up_by else None,
        record.pbx,
        record.id,
    ]


PAGE = Page(path="/calls/export", name="calls", show=_export, permission="calls.export")
"""Sends the list of calls as a file."""
