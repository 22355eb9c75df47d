"""``/api/v1/duplicates``: who may be the same and why; merging, and undoing it within thirty days."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from crm_core.contacts.model import Id, Party
from crm_core.duplicates.model import Suggestion
from crm_core.duplicates.service import MOST_MERGED
from web.api.operation import Asked, Operation
from web.api.schema import as_json, page_of, ref, whole_list

SomeId = Annotated[str, Meta(min_length=1, max_length=64)]
MERGE = "contacts.merge"


class DuplicatesQuery(msgspec.Struct, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(max_length=2000, description="`next` of the page before")] | None = None


class Different(msgspec.Struct, forbid_unknown_fields=True):
    """Two that are not the same; never suggested again."""

    one: SomeId
    other: SomeId


class MergeWanted(msgspec.Struct, forbid_unknown_fields=True):
    """``others`` become part of the contact of the path. ``choices``: which party's value wins where they differ, by
    name, company, position, tier, owner, team, source, language, birth_date, national_id, economic_code or
    ``fields.NAME``; what is not chosen stays that of the path's contact, and empty ones are filled from the others."""

    others: Annotated[tuple[SomeId, ...], Meta(min_length=1, max_length=MOST_MERGED)]
    choices: Annotated[dict[Annotated[str, Meta(max_length=100)], Id], Meta(max_length=100)] = {}


async def _list(asked: Asked) -> dict[str, Any]:
    page = await asked.services.crm.duplicates.page(asked.actor, asked.query.cursor, asked.query.limit)
    return {"items": [as_json(pair.suggestion) for pair in page.items], "next": page.next}


async def _dismiss(asked: Asked) -> None:
    body = asked.body(Different)
    await asked.services.crm.duplicates.dismiss(asked.actor, body.one, body.other)


async def _merge(asked: Asked) -> dict[str, Any]:
    body = asked.body(MergeWanted)
    into = asked.place("id")
    return as_json(await asked.services.crm.duplicates.merge(asked.actor, into, body.others, body.choices))


async def _unmerge(asked: Asked) -> dict[str, Any]:
    restored = await asked.services.crm.duplicates.unmerge(asked.actor, asked.place("id"))
    return {"items": [as_json(one) for one in restored], "next": None}


_PLACE = (("id", "The contact's or company's id"),)

DUPLICATES = (
    Operation(
        method="GET",
        path="/api/v1/duplicates",
        name="listDuplicates",
        summary="Pairs that may be the same person or company, with the reasons, the likeliest first",
        query=DuplicatesQuery,
        answers=page_of(ref(Suggestion)),
        run=_list,
        permission=MERGE,
    ),
    Operation(
        method="POST",
        path="/api/v1/duplicates/dismiss",
        name="dismissDuplicate",
        summary="Say that two are not the same",
        body=Different,
        answers=None,
        run=_dismiss,
        permission=MERGE,
        problems=(400, 404, 409),
    ),
    Operation(
        method="POST",
        path="/api/v1/contacts/{id}/merge",
        name="mergeContacts",
        summary="Make others part of this contact or company; nothing is lost",
        body=MergeWanted,
        answers=ref(Party),
        run=_merge,
        permission=MERGE,
        places=_PLACE,
        problems=(400, 404, 409),
    ),
    Operation(
        method="POST",
        path="/api/v1/contacts/{id}/unmerge",
        name="unmergeContacts",
        summary="Undo the last merge into this contact, within 30 days: the survivor, then those that are back",
        answers=whole_list(ref(Party)),
        run=_unmerge,
        permission=MERGE,
        places=_PLACE,
        problems=(400, 404, 409),
    ),
)
