"""Lists of people and companies, in parts: each part costs the same however deep it lies.

A list is walked in the order of names (the Persian alphabet), or the newest first; a tag or a role alone is one walk
along its own table, which is in the order of names too. Neighbours: ``model`` defines the filter, ``finding`` finds
by text, ``service`` asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from crm_core.contacts.finding import find
from crm_core.contacts.model import Party, PartyFilter, party, party_field, party_number, party_role, party_tag
from crm_core.contacts.store import COLUMNS, party_of, tag_key
from crm_core.fields.model import FieldDef
from crm_core.fields.types import criterion
from cti.kernel.db import Reader
from cti.kernel.errors import N_, InvalidError
from cti.kernel.paging import Page, read_cursor, write_cursor

LARGEST_PAGE = 500
MOST_FOUND = 2_000
"""A text that finds more than this is no filter any more; the nearest of them are listed."""

_MOMENTS = {"changed": party.c.changed_at, "created": party.c.created_at}
Condition = sa.ColumnElement[bool]


class Listing:
    """One filter, ready to be asked. ``fields``: the custom fields that there are, for both kinds. ``whole``: numbers
    are found by the whole number alone, for who sees them masked."""

    def __init__(self, wanted: PartyFilter, fields: Sequence[FieldDef] = (), whole: bool = False) -> None:
        self._wanted, self._fields, self._whole = wanted, fields, whole
        self._conditions = list(self._of_state()) + list(self._of_party()) + list(self._of_others())
        self._found: Condition | None = None
        self._along = self._finder()

    async def page(self, reader: Reader, cursor: str | None, limit: int) -> Page[Party]:
        """Raises ``InvalidError`` for a cursor that is none of ours."""
        limit = max(1, min(limit, LARGEST_PAGE))
        await self._find(reader)
        order = self._order()
        statement = self._select(sa.text(COLUMNS), order[0]).order_by(*order[1:]).limit(limit + 1)
        if cursor is not None:
            statement = statement.where(self._after(cursor))
        rows = await reader.core(statement)
        more = write_cursor(rows[limit - 1][-1], rows[limit - 1][0]) if len(rows) > limit else None
        return Page(tuple(party_of(row) for row in rows[:limit]), more)

    async def count(self, reader: Reader, most: int | None = None) -> int:
        """How many; counting stops at ``most``."""
        await self._find(reader)
        inner = self._select(sa.literal(1).label("one"))
        if most is not None:
            inner = inner.limit(most)
        return int((await reader.core(sa.select(sa.func.count()).select_from(inner.subquery())))[0][0])

    async def _find(self, reader: Reader) -> None:
        """Ask the index for the text, once."""
        if (text := _typed(self._wanted.text)) and self._found is None:
            ids = await find(reader, text, MOST_FOUND, self._wanted.kind, self._whole)
            self._found = party.c.id.in_(ids)
            self._conditions.append(self._found)

    def _finder(self) -> tuple[sa.Table, Condition] | None:
        """The finding table whose own order is that of the list, and which of its rows are walked."""
        wanted = self._wanted
        if self._moment() is not None:
            return None
        if wanted.tag is not None:
            return party_tag, party_tag.c.tag == tag_key(_clean(wanted.tag))
        if wanted.role is not None:
            return party_role, party_role.c.role == _clean(wanted.role).lower()
        return None

    def _select(self, *columns: Any) -> sa.Select[Any]:
        statement = sa.select(*columns).where(*self._conditions)
        if self._along is None:
            return statement.select_from(party)
        table, condition = self._along
        return statement.select_from(table.join(party, table.c.party_id == party.c.id)).where(condition)

    def _moment(self) -> sa.ColumnElement[Any] | None:
        """What the newest first are ordered by; None: by name."""
        return party.c.deleted_at if self._wanted.deleted else _MOMENTS.get(self._wanted.order)

    def _order(self) -> tuple[Any, Any, Any]:
        """The column that goes into the cursor, and the two that it is ordered by."""
        if (moment := self._moment()) is not None:
            return moment, moment.desc(), party.c.id.desc()
        if self._along is not None:
            table = self._along[0]
            return table.c.sort_key, table.c.sort_key, table.c.party_id
        return party.c.sort_key, party.c.sort_key, party.c.id

    def _after(self, cursor: str) -> Condition:
        if (moment := self._moment()) is not None:
            at, own = read_cursor(cursor, tuple[float, str])
            return sa.tuple_(moment, party.c.id) < sa.tuple_(at, _clean(own))
        text, own = read_cursor(cursor, tuple[str, str])
        return sa.tuple_(*self._order()[1:]) > sa.tuple_(_clean(text), _clean(own))

    def _of_state(self) -> Iterator[Condition]:
        """In the finding tables stand live parties alone: said again, it would lead the planner of PostgreSQL, while it
        knows a table not yet, to walk all of them for each that was found."""
        if self._wanted.deleted:
            yield sa.text("deleted_at IS NOT NULL AND merged_into IS NULL")  # type: ignore[misc]
        elif not self._found_elsewhere():
            yield sa.text("deleted_at IS NULL AND merged_into IS NULL")  # type: ignore[misc]

    def _found_elsewhere(self) -> bool:
        wanted = self._wanted
        by_field = any(op != "empty" for _, op, _ in wanted.fields)
        return bool(wanted.tag is not None or wanted.role is not None or _typed(wanted.text) or by_field)

    def _of_party(self) -> Iterator[Condition]:
        wanted = self._wanted
        if wanted.kind is not None:
            yield party.c.kind == wanted.kind
        for name, value in (("tier", wanted.tier), ("source", wanted.source)):
            if value is not None:
                yield party.c[name] == _clean(value)
                if value:  # said as the index says it, which holds those that have one
                    yield sa.text(f"party.{name} <> ''")  # type: ignore[misc]
        for name, value in (("owner", wanted.owner), ("team", wanted.team), ("company_id", wanted.company)):
            if value is not None:
                yield party.c[name] == _clean(value) if value else party.c[name].is_(None)
        if wanted.do_not_call is not None:
            yield sa.text("do_not_call" if wanted.do_not_call else "NOT do_not_call")  # type: ignore[misc]
        for column, start, end in (
            (party.c.created_at, wanted.created_from, wanted.created_to),
            (party.c.changed_at, wanted.changed_from, wanted.changed_to),
        ):
            if start is not None:
                yield column >= start
            if end is not None:
                yield column < end

    def _of_others(self) -> Iterator[Condition]:
        wanted = self._wanted
        along = None if (found := self._finder()) is None else found[0]
        if wanted.tag is not None and along is not party_tag:
            tagged = party_tag.c.tag == tag_key(_clean(wanted.tag))
            yield party.c.id.in_(sa.select(party_tag.c.party_id).where(tagged))
        if wanted.role is not None and along is not party_role:
            has_role = party_role.c.role == _clean(wanted.role).lower()
            yield party.c.id.in_(sa.select(party_role.c.party_id).where(has_role))
        if wanted.has_number is not None:
            some = sa.exists().where(party_number.c.party_id == party.c.id)
            yield some if wanted.has_number else ~some
        for name, op, value in wanted.fields:
            yield self._of_field(name, op, value)

    def _of_field(self, name: str, op: str, value: Any) -> Condition:
        kinds = (self._wanted.kind,) if self._wanted.kind else ("person", "company")
        defined = [one for one in self._fields if one.name == name and one.kind in kinds]
        if not defined:
            raise InvalidError(N_("There is no field «%(field)s»."), field=name[:80])
        return sa.or_(*(_has(one, op, value) for one in defined))


def _has(field: FieldDef, op: str, value: Any) -> Condition:
    """The parties of the field's kind whose value is as wanted (``crm_core.fields.types`` has the operators)."""
    text, number = criterion(field, op, str(value))
    some = sa.exists().where(party_field.c.party_id == party.c.id, party_field.c.field == field.name)
    of_kind = party.c.kind == field.kind
    if op == "empty":
        return sa.and_(of_kind, ~some)
    column: Any = party_field.c.number if number is not None else party_field.c.text
    wanted: Any = number if number is not None else text
    if op == "contains":
        matches = column.contains(wanted, autoescape=True)
    else:
        matches = {"is": column == wanted, "least": column >= wanted, "most": column <= wanted}[op]
    return sa.and_(of_kind, some.where(matches))


def _typed(text: str | None) -> str:
    return (text or "").strip()


def _clean(text: str) -> str:
    """A text that both databases can be asked with."""
    return text.replace("\0", "").encode(errors="ignore").decode()
