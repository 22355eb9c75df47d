"""``/api/v1/audit``: who saw, changed, exported or listened to what, newest first."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.audit.service import AuditEntry, AuditFilter
from cti.live.record import rfc3339
from web.api.operation import Asked, Operation
from web.api.schema import page_of, ref
from web.audits import require_sight

Moment = Annotated[dt.datetime, Meta(tz=True)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]

_TEXT = (
    "Part of a name, an id, an address or of what changed. A page may then be short or empty and still have a `next`: "
    "the search goes on there"
)


class AuditQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The filters of the audit; all narrow together."""

    actor: Annotated[Name, Meta(description="Who did it: a user's id")] | None = None
    action: Annotated[Name, Meta(description="created, changed, deleted, saw, exported, signed-in …")] | None = None
    kind: Annotated[Name, Meta(description="contact, company, call, user, role …")] | None = None
    id: Annotated[Name, Meta(description="The record's id")] | None = None
    start: Annotated[Moment, Meta(description="What happened at or after this moment")] | None = None
    end: Annotated[Moment, Meta(description="What happened before this moment")] | None = None
    text: Annotated[Name, Meta(description=_TEXT)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(max_length=400, description="`next` of the page before")] | None = None


async def _list(asked: Asked) -> dict[str, Any]:
    query: AuditQuery = asked.query
    if query.kind is not None and query.id is not None:
        await require_sight(asked.services, asked.actor, query.kind, query.id)
    wanted = AuditFilter(
        actor=query.actor,
        action=query.action,
        kind=query.kind,
        id=query.id,
        start=None if query.start is None else query.start.timestamp(),
        end=None if query.end is None else query.end.timestamp(),
        text=query.text,
    )
    page = await asked.services.crm.audit.page(asked.actor, wanted, query.cursor, query.limit)
    return {"items": [_plain(entry) for entry in page.items], "next": page.next}


def _plain(entry: AuditEntry) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.structs.asdict(entry)
    return plain | {"at": rfc3339(entry.at)}


LIST = Operation(
    method="GET",
    path="/api/v1/audit",
    name="listAudit",
    summary="Who did what, newest first",
    query=AuditQuery,
    answers=page_of(ref(AuditEntry)),
    run=_list,
    permission="audit.view",
    problems=(400, 404),
)
