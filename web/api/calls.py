"""``/api/v1/calls``: the call log as the records of the contract, newest first, keyset-paged."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from call_log.query import CallFilter
from call_log.service import VIEW
from cti.live.record import Direction, Kind, Outcome, to_json
from web.api.operation import Asked, Operation
from web.api.schema import RECORD, page_of

Moment = Annotated[dt.datetime, Meta(tz=True)]


class CallQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The filters of the call log; all narrow together."""

    number: Annotated[str, Meta(min_length=3, max_length=100, description="Any form of any party's number")] | None = (
        None
    )
    agent: (
        Annotated[str, Meta(max_length=200, description="An extension (201) or endpoint (PJSIP/201) that had a leg")]
        | None
    ) = None
    queue: Annotated[str, Meta(max_length=200, description="A queue that the call visited")] | None = None
    outcome: Outcome | None = None
    direction: Direction | None = None
    start: Annotated[Moment, Meta(description="Calls that began at or after this moment")] | None = None
    end: Annotated[Moment, Meta(description="Calls that began before this moment")] | None = None
    min_seconds: Annotated[float, Meta(ge=0, description="The least talk, in seconds")] | None = None
    pbx: Annotated[str, Meta(max_length=100)] | None = None
    disposition: (
        Annotated[str, Meta(max_length=64, description="Calls that have this result, or a detail of it")] | None
    ) = None
    kind: Kind = "call"
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the page before")] | None = None

    def filter(self) -> CallFilter:
        return CallFilter(
            number=self.number,
            agent=self.agent,
            queue=self.queue,
            outcome=self.outcome,
            direction=self.direction,
            start=_epoch(self.start),
            end=_epoch(self.end),
            min_seconds=self.min_seconds,
            pbx=self.pbx,
            kind=self.kind,
        )


def _epoch(moment: dt.datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


async def _list(asked: Asked) -> dict[str, Any]:
    query: CallQuery = asked.query
    wanted = query.filter()
    if query.disposition is not None:
        start = 0.0 if wanted.start is None else wanted.start
        ids = await asked.services.crm.results.calls_with(asked.actor, query.disposition, start)
        wanted = msgspec.structs.replace(wanted, ids=ids)
    page = await asked.services.calls.page(asked.actor, wanted, query.cursor, query.limit)
    return {"items": [to_json(record) for record in page.items], "next": page.next}


async def _one(asked: Asked) -> dict[str, Any]:
    record = await asked.services.calls.get(asked.actor, asked.place("id"))
    asked.services.crm.audit.saw(asked.actor, "call", record.id)
    return to_json(record)


LIST = Operation(
    method="GET",
    path="/api/v1/calls",
    name="listCalls",
    summary="The calls that match, newest first",
    query=CallQuery,
    answers=page_of(RECORD),
    run=_list,
    permission=VIEW,
)
ONE = Operation(
    method="GET",
    path="/api/v1/calls/{id}",
    name="getCall",
    summary="One call; the id of a call that became part of another gives the surviving one",
    answers=RECORD,
    run=_one,
    permission=VIEW,
    places=(("id", "The call's id"),),
    problems=(400, 404),
)
