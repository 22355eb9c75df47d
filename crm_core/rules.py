"""Rules that an administrator makes for all, kept as one row: read and written whole, with a version, and audited.

Neighbours: ``agents``, ``alerts`` and ``figures`` each have such rules, and say what cannot be; ``web.rules_page`` is
their page.
"""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

import msgspec
import sqlalchemy as sa

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from cti.kernel.actor import Actor
from cti.kernel.db import Database, Reader
from cti.kernel.errors import N_, ConflictError

_LOCK = 0x2E7A


class Versioned(Protocol):
    """A struct of msgspec; ``version``: the one that was read."""

    @property
    def version(self) -> int: ...


R = TypeVar("R", bound=Versioned)


class RuleStore(Generic[R]):
    """``now`` is what holds; ``load`` reads it at the start. What is derived from this says what the rules are."""

    table: sa.Table
    """Its columns: ``id``, ``body``, ``version``."""
    row: str
    """The id of the one row."""
    first: R
    """What holds until somebody writes others."""
    view: tuple[str, ...]
    """The permissions of which one lets somebody see them."""
    manage: str
    """That which lets him write them."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database, self._audit = database, audit
        self.now: R = self.first

    async def load(self) -> None:
        async with self._database.read() as reader:
            self.now = await self._stored(reader)

    async def get(self, actor: Actor) -> R:
        """All rules. Needs a permission of ``view``."""
        actor.require_any(*self.view)
        await self.load()
        return self.now

    async def put(self, actor: Actor, rules: R) -> R:
        """Write them all. ConflictError if somebody else has since ``rules.version``. Needs ``manage``."""
        actor.require(self.manage)
        self.check(rules)
        async with self._database.transaction() as tx:
            await tx.lock(_LOCK)
            before = await self._stored(tx)
            if before.version != rules.version:
                raise ConflictError(N_("Somebody else has changed this meanwhile; look again."))
            after: R = msgspec.structs.replace(self.kept(before, rules), version=before.version + 1)  # type: ignore[type-var]
            await tx.execute(f"DELETE FROM {self.table.name} WHERE id = ?", self.row)
            await tx.insert(self.table, [(self.row, msgspec.json.encode(after).decode(), after.version)])
            changed = changes(msgspec.to_builtins(before), msgspec.to_builtins(after))
            await self._audit.note(tx, actor, "changed", self.table.name.replace("_", "-"), self.row, changed)
        self.now = after
        return after

    def check(self, rules: R) -> None:
        """Raises InvalidError for rules that cannot be."""

    def kept(self, before: R, after: R) -> R:
        """``after`` with what must not be lost of ``before``."""
        return after

    async def _stored(self, reader: Reader) -> R:
        row = await reader.one(f"SELECT body, version FROM {self.table.name} WHERE id = ?", self.row)
        if row is None:
            return self.first
        body = msgspec.json.decode(row[0], type=type(self.first))
        return msgspec.structs.replace(body, version=int(row[1]))  # type: ignore[type-var]
