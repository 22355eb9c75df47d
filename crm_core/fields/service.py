"""Fields are defined, changed and put in order here; and what somebody wrote into them is checked.

Neighbours: ``types`` knows the types, ``crm_core.contacts`` keeps the values, ``web.pages.fields`` shows the page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from crm_core.audit.service import Audit
from crm_core.fields.model import OWNERS, Choice, FieldDef, FieldType, OwnerKind
from crm_core.fields.types import KINDS, read
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.errors import N_, ConflictError, InvalidError, NotFoundError
from cti.kernel.ids import new_id

MOST_FIELDS = 100
MOST_CHOICES = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST_LABEL = 80


class Change(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What an administrator may write of a field. ``name`` and ``type`` stay what they were at its making."""

    fa: str = ""
    en: str = ""
    hint: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    active: bool = True


class Fields:
    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database, self._clock, self._audit = database, clock, audit
        self._known: dict[OwnerKind, tuple[FieldDef, ...]] = {}

    async def defined(self, kind: OwnerKind, *, all_of_them: bool = False) -> tuple[FieldDef, ...]:
        """The fields of this kind in their order; without those that are out of use, unless ``all_of_them``."""
        known = self._known.get(kind)
        if known is None:
            async with self._database.read() as reader:
                rows = await reader.fetch("SELECT definition FROM field WHERE kind = ? ORDER BY position, id", kind)
            known = self._known[kind] = tuple(_decode(row[0]) for row in rows)
        return known if all_of_them else tuple(one for one in known if one.active)

    @staticmethod
    def checked(
        defs: Sequence[FieldDef], values: Mapping[str, Any], before: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """What is kept when ``values`` are written over ``before``: empty ones are gone, others stay.

        Raises ``InvalidError`` that names the field: not of its type, required and empty, or unknown.
        """
        by_name = {one.name: one for one in defs}
        kept = dict(before or {})
        for name, value in values.items():
            if name not in by_name:
                raise InvalidError(N_("There is no field «%(field)s»."), field=name[:80])
            kept[name] = read(by_name[name], value)
        for one in defs:
            if one.required and one.active and kept.get(one.name) is None and (before is None or one.name in values):
                raise InvalidError(N_("%(field)s: this must be filled in."), field=one.label("fa"))
        return {name: value for name, value in kept.items() if value is not None}

    async def list(self, actor: Actor) -> tuple[FieldDef, ...]:
        """Every field that was ever defined: contacts' first."""
        actor.require("fields.manage")
        return tuple([one for kind in OWNERS for one in await self.defined(kind, all_of_them=True)])

    async def create(self, actor: Actor, kind: OwnerKind, name: str, type: FieldType, change: Change) -> FieldDef:
        """A new field, last in its order. Raises ``InvalidError``, ``ConflictError`` if the name is taken."""
        actor.require("fields.manage")
        if not _NAME.fullmatch(name):
            raise InvalidError(N_("Name: up to 40 small Latin letters, digits and _, a letter first."))
        _check(type, change)
        async with self._database.transaction() as tx:
            rows = await tx.fetch("SELECT name, position FROM field WHERE kind = ?", kind)
            if any(row[0] == name for row in rows):
                raise ConflictError(N_("There is a field «%(field)s» already."), field=name)
            if len(rows) >= MOST_FIELDS:
                raise InvalidError(N_("At most %(count)s fields; take old ones out of use."), count=MOST_FIELDS)
            position = max((int(row[1]) for row in rows), default=-1) + 1
            made = FieldDef(
                id=new_id(self._clock.now()), kind=kind, name=name, type=type, position=position, **_given(change)
            )
            await tx.execute(
                "INSERT INTO field (id, kind, name, definition, position, version) VALUES (?, ?, ?, ?, ?, 1)",
                made.id, kind, name, _encode(made), position,
            )  # fmt: skip
            await self._audit.note(tx, actor, "created", "field", made.id, {"name": name, "type": type})
        self._known.clear()
        return made

    async def change(self, actor: Actor, field_id: str, change: Change) -> FieldDef:
        """Words, choices, required, in use or not. A choice that is taken away stays where it was chosen."""
        actor.require("fields.manage")
        async with self._database.transaction() as tx:
            old = await self._get(tx, field_id)
            _check(old.type, change)
            new = msgspec.structs.replace(old, **_given(change), version=old.version + 1)
            await self._write(tx, new)
            detail = {name: [_plain(getattr(old, name)), _plain(value)] for name, value in _given(change).items()}
            changed = {name: both for name, both in detail.items() if both[0] != both[1]}
            await self._audit.note(tx, actor, "changed", "field", field_id, {"changed": changed})
        self._known.clear()
        return new

    async def move(self, actor: Actor, field_id: str, by: int) -> None:
        """One place up (-1) or down (+1) among the fields of its kind; at the end it stays."""
        actor.require("fields.manage")
        async with self._database.transaction() as tx:
            one = await self._get(tx, field_id)
            rows = await tx.fetch("SELECT definition FROM field WHERE kind = ? ORDER BY position, id", one.kind)
            order = [_decode(row[0]) for row in rows]
            at = next(n for n, other in enumerate(order) if other.id == field_id)
            to = max(0, min(len(order) - 1, at + by))
            order.insert(to, order.pop(at))
            for position, other in enumerate(order):
                await self._write(tx, msgspec.structs.replace(other, position=position))
        self._known.clear()

    async def _get(self, tx: Transaction, field_id: str) -> FieldDef:
        row = await tx.one("SELECT definition FROM field WHERE id = ?", field_id)
        if row is None:
            raise NotFoundError(N_("There is no such field."))
        return _decode(row[0])

    async def _write(self, tx: Transaction, one: FieldDef) -> None:
        await tx.execute(
            "UPDATE field SET definition = ?, position = ?, version = ? WHERE id = ?",
            _encode(one), one.position, one.version, one.id,
        )  # fmt: skip


_decode = msgspec.json.Decoder(FieldDef).decode


def _encode(one: FieldDef) -> str:
    return msgspec.json.encode(one).decode()


def _given(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in change.__struct_fields__}


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def _check(type: FieldType, change: Change) -> None:
    if not (change.fa.strip() or change.en.strip()):
        raise InvalidError(N_("Give the field a name that people read, in one language at least."))
    texts = (
        change.fa,
        change.en,
        change.hint,
        *(text for one in change.choices for text in (one.value, one.fa, one.en)),
    )
    if any(len(text) > _LONGEST_LABEL or "\0" in text for text in texts):
        raise InvalidError(N_("Names and hints have at most %(count)s characters."), count=_LONGEST_LABEL)
    if type not in ("choice", "choices"):
        return
    values = [one.value for one in change.choices]
    if not values or len(values) > MOST_CHOICES:
        raise InvalidError(N_("A list needs 1 to %(count)s choices."), count=MOST_CHOICES)
    if len(set(values)) < len(values) or not all(value.strip() for value in values):
        raise InvalidError(N_("Each choice needs a value of its own."))


assert set(KINDS) == set(FieldType.__args__)  # type: ignore[attr-defined]
