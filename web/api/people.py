"""``/api/v1/contacts`` and ``/api/v1/companies``: listed, read, made, changed, put in the trash and taken out of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from crm_core.contacts.model import (
    Draft,
    Id,
    Line,
    Order,
    Party,
    PartyAddress,
    PartyFilter,
    PartyKind,
    PartyLink,
    PartyMail,
    Short,
)
from cti.kernel.errors import N_, InvalidError, NotFoundError
from web.api.operation import Asked, Operation
from web.api.schema import as_json, page_of, ref

Moment = Annotated[dt.datetime, Meta(tz=True)]
_MOMENTS = ("created_from", "created_to", "changed_from", "changed_to")
_PLAIN = ("text", "tag", "role", "tier", "owner", "team", "source", "company")
_FLAGS = ("do_not_call", "has_number", "deleted", "order")


class MailWritten(PartyMail, frozen=True, forbid_unknown_fields=True):
    """An e-mail address. ``kind``: work, home or other."""


class AddressWritten(PartyAddress, frozen=True, forbid_unknown_fields=True):
    """A postal address. ``kind``: work, home, billing, shipping or other."""


class LinkWritten(PartyLink, frozen=True, forbid_unknown_fields=True):
    """A web site or a social account. ``kind``: website, telegram, whatsapp, instagram, …, or other."""


class PartyWritten(Draft, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A contact or company as it shall be; what is left out is empty in a new one. ``fields``: custom ones, by name.
    ``company_name`` without ``company_id`` names a company, which is made if there is none of that name."""

    source_at: Moment | UnsetType | None = UNSET  # type: ignore[assignment]
    mails: Annotated[tuple[MailWritten, ...], Meta(max_length=50)] | UnsetType = UNSET
    addresses: Annotated[tuple[AddressWritten, ...], Meta(max_length=50)] | UnsetType = UNSET
    links: Annotated[tuple[LinkWritten, ...], Meta(max_length=50)] | UnsetType = UNSET

    def draft(self) -> Draft:
        given = {name: getattr(self, name) for name in Draft.__struct_fields__}
        if isinstance(given["source_at"], dt.datetime):
            given["source_at"] = given["source_at"].timestamp()
        return Draft(**given)


class PartyChange(PartyWritten, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall be different; what is left out stays. ``version``: the one that was read; if it is no longer the
    present one, nothing is changed and the answer is 409."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


class PeopleQuery(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All filters narrow together."""

    text: Annotated[Line, Meta(description="Name in any spelling, company, number in any form, e-mail")] | None = None
    tag: Line | None = None
    role: Short | None = None
    tier: Annotated[Short, Meta(description="`vip`, …; empty: those of none")] | None = None
    owner: Annotated[Id, Meta(description="A user's id; empty: those of nobody")] | None = None
    team: Annotated[Id, Meta(description="A team's id; empty: those of none")] | None = None
    source: Line | None = None
    company: Annotated[Id, Meta(description="The id of the company where they work")] | None = None
    do_not_call: bool | None = None
    has_number: bool | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None
    changed_from: Moment | None = None
    changed_to: Moment | None = None
    field: Annotated[
        tuple[Annotated[str, Meta(max_length=300)], ...],
        Meta(max_length=10, description="A custom field: `name:is:value`, with contains, least, most or empty for is"),
    ] = ()
    deleted: Annotated[bool, Meta(description="What is in the trash instead")] = False
    order: Annotated[Order, Meta(description="By name, or newest first")] = "name"
    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Annotated[str, Meta(max_length=2000, description="`next` of the page before")] | None = None

    def filter(self, kind: PartyKind) -> PartyFilter:
        moments = {name: value.timestamp() for name in _MOMENTS if (value := getattr(self, name)) is not None}
        plain = {name: getattr(self, name) for name in (*_PLAIN, *_FLAGS)}
        return PartyFilter(kind=kind, fields=tuple(map(_criterion, self.field)), **plain, **moments)


def _criterion(text: str) -> tuple[str, str, str]:
    name, _, rest = text.partition(":")
    op, _, value = rest.partition(":")
    if not name or not op:
        raise InvalidError(N_("field: write it as name:is:value."))
    return name, op, value


Run = Callable[[Asked], Awaitable[Any]]


class _Resource:
    """One of the two resources: people (``contacts``) or ``companies``."""

    def __init__(self, kind: PartyKind) -> None:
        self._kind = kind

    async def list(self, asked: Asked) -> dict[str, Any]:
        query: PeopleQuery = asked.query
        contacts = asked.services.crm.contacts
        page = await contacts.page(asked.actor, query.filter(self._kind), query.cursor, query.limit)
        return {"items": [as_json(one) for one in page.items], "next": page.next}

    async def one(self, asked: Asked) -> dict[str, Any]:
        return as_json(await self._found(asked))

    async def create(self, asked: Asked) -> dict[str, Any]:
        draft = asked.body(PartyWritten).draft()
        return as_json(await asked.services.crm.contacts.create(asked.actor, self._kind, draft))

    async def change(self, asked: Asked) -> dict[str, Any]:
        body, found = asked.body(PartyChange), await self._found(asked)
        return as_json(await asked.services.crm.contacts.change(asked.actor, found.id, body.draft(), body.version))

    async def delete(self, asked: Asked) -> None:
        await asked.services.crm.contacts.delete(asked.actor, (await self._found(asked)).id)

    async def restore(self, asked: Asked) -> dict[str, Any]:
        return as_json(await asked.services.crm.contacts.restore(asked.actor, (await self._found(asked)).id))

    async def _found(self, asked: Asked) -> Party:
        found = await asked.services.crm.contacts.get(asked.actor, asked.place("id"))
        if found.kind != self._kind:
            raise NotFoundError(N_("There is no such contact."))
        return found


def _operations(kind: PartyKind, one: str, many: str, path: str) -> tuple[Operation, ...]:
    of, place = _Resource(kind), (("id", f"The {one}'s id"),)
    name = one.capitalize()
    return (
        Operation("GET", path, f"list{many.capitalize()}", f"The {many} that match, in the order of the alphabet",
                  page_of(ref(Party)), of.list, query=PeopleQuery, permission="contacts.view"),
        Operation("POST", path, f"create{name}", f"Make a {one}",
                  ref(Party), of.create, body=PartyWritten, permission="contacts.edit", status=201),
        Operation("GET", f"{path}/{{id}}", f"get{name}", f"One {one}; the id of one that was merged gives the survivor",
                  ref(Party), of.one, permission="contacts.view", places=place, problems=(400, 404)),
        Operation("PATCH", f"{path}/{{id}}", f"change{name}", f"Change a {one}", ref(Party),
                  of.change, body=PartyChange, permission="contacts.edit", places=place, problems=(400, 404, 409)),
        Operation("DELETE", f"{path}/{{id}}", f"delete{name}", f"Put a {one} in the trash",
                  None, of.delete, permission="contacts.delete", places=place, problems=(400, 404, 409)),
        Operation("POST", f"{path}/{{id}}/restore", f"restore{name}", f"Take a {one} out of the trash",
                  ref(Party), of.restore, permission="contacts.delete", places=place, problems=(400, 404, 409)),
    )  # fmt: skip


CONTACTS = _operations("person", "contact", "contacts", "/api/v1/contacts")
COMPANIES = _operations("company", "company", "companies", "/api/v1/companies")
