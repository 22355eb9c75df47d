"""Wallboards: made, changed, given a link, and the link taken back.

A link's secret is long and random, kept as its hash alone, and opens its one board. Boards are few, so all of them
are in memory: whoever looks at one is asked for each second, and goes on looking while the database is away.
Neighbours: ``crm_core.users.reach`` says which queues somebody may put on a wall, ``web.pages.wall`` shows boards.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec

from crm_core.audit.detail import changes
from crm_core.audit.service import Audit
from crm_core.users.access import secret_hash
from crm_core.users.reach import TeamReach
from crm_core.users.texts import name_of, storable
from crm_core.wallboards.model import MOST_BOARDS, Issued, Shown, Wallboard
from crm_core.wallboards.model import wallboard as table
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.errors import N_, ConflictError, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.ids import new_id

MANAGE = "wallboards.manage"
LONGEST_SECRET = 100
_body = msgspec.json.Decoder(Shown).decode


class Wallboards:
    """``load`` reads them at the start; who asks before gets it read for him. ``changed`` hears of a board (its id)
    that is other than before."""

    def __init__(self, database: Database, clock: Clock, audit: Audit, reach: TeamReach) -> None:
        self._database, self._clock, self._audit, self._reach = database, clock, audit, reach
        self._boards: dict[str, Wallboard] | None = None
        self._by_hash: dict[str, str] = {}
        self.changed: Callable[[str], None] = lambda _id: None

    async def load(self) -> None:
        """Read all boards."""
        async with self._database.read() as reader:
            rows = await reader.fetch("SELECT id, body, secret_hash, made_at, issued_at FROM wallboard ORDER BY id")
        self._boards = {row[0]: _board(row) for row in rows}
        self._by_hash = {row[2]: row[0] for row in rows if row[2] is not None}

    # --- who looks at the wall

    async def opened_by(self, secret: str) -> Wallboard | None:
        """The board that this link opens; None: it opens none (any more)."""
        if not 0 < len(secret) < LONGEST_SECRET:
            return None
        boards = await self._all()
        board_id = self._by_hash.get(secret_hash(secret))
        return None if board_id is None else boards.get(board_id)

    def known(self, board_id: str) -> Wallboard | None:
        """A board, for the product's own use."""
        return (self._boards or {}).get(board_id)

    # --- who makes them

    async def all(self, actor: Actor) -> tuple[Wallboard, ...]:
        """Those whose queues he reaches, by name. Needs wallboards.manage."""
        actor.require(MANAGE)
        mine = [board for board in (await self._all()).values() if self._reaches(actor, board.shown)]
        return tuple(sorted(mine, key=lambda board: (board.shown.name, board.id)))

    async def get(self, actor: Actor, board_id: str) -> Wallboard:
        """NotFoundError. Needs wallboards.manage."""
        actor.require(MANAGE)
        board = (await self._all()).get(board_id)
        if board is None or not self._reaches(actor, board.shown):
            raise NotFoundError(N_("There is no such wallboard."))
        return board

    async def create(self, actor: Actor, shown: Shown) -> Issued:
        """A board with its first link. InvalidError, ForbiddenError for queues. Needs wallboards.manage."""
        actor.require(MANAGE)
        shown = self._checked(actor, shown)
        if len(await self._all()) >= MOST_BOARDS:
            raise ConflictError(N_("There are too many wallboards already; delete some."))
        now, secret = self._clock.now(), _secret()
        board = Wallboard(id=new_id(now), shown=shown, made_at=now, issued_at=now)
        async with self._database.transaction() as tx:
            values = (board.id, _encoded(shown), secret_hash(secret), now, now)
            await tx.insert(table, [values])
            await self._note(tx, actor, "created", board, {"name": shown.name, "kind": shown.kind})
        await self._told(board.id)
        return Issued(board, secret)

    async def change(self, actor: Actor, board_id: str, shown: Shown) -> Wallboard:
        """Show this from now on, by the same link. InvalidError, ForbiddenError for queues. Needs
        wallboards.manage."""
        actor.require(MANAGE)
        board, shown = await self.get(actor, board_id), self._checked(actor, shown)
        async with self._database.transaction() as tx:
            await tx.execute("UPDATE wallboard SET body = ? WHERE id = ?", _encoded(shown), board.id)
            before, after = msgspec.to_builtins(board.shown), msgspec.to_builtins(shown)
            await self._note(tx, actor, "changed", board, changes(before, after))
        await self._told(board.id)
        return msgspec.structs.replace(board, shown=shown)

    async def issue(self, actor: Actor, board_id: str) -> Issued:
        """A new link; the one before opens nothing from now on. Needs wallboards.manage."""
        board = await self.get(actor, board_id)
        secret, now = _secret(), self._clock.now()
        await self._set_link(actor, board, secret_hash(secret), now, "issued")
        return Issued(msgspec.structs.replace(board, issued_at=now), secret)

    async def revoke(self, actor: Actor, board_id: str) -> None:
        """No link opens it from now on. Needs wallboards.manage."""
        board = await self.get(actor, board_id)
        await self._set_link(actor, board, None, None, "revoked")

    async def delete(self, actor: Actor, board_id: str) -> None:
        """Needs wallboards.manage."""
        board = await self.get(actor, board_id)
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM wallboard WHERE id = ?", board.id)
            await self._note(tx, actor, "deleted", board, {"name": board.shown.name})
        await self._told(board.id)

    # --- parts

    async def _all(self) -> dict[str, Wallboard]:
        if self._boards is None:
            await self.load()
        return self._boards or {}

    async def _told(self, board_id: str) -> None:
        await self.load()
        self.changed(board_id)

    async def _set_link(self, actor: Actor, board: Wallboard, hashed: str | None, at: float | None, did: str) -> None:
        async with self._database.transaction() as tx:
            sql = "UPDATE wallboard SET secret_hash = ?, issued_at = ? WHERE id = ?"
            await tx.execute(sql, hashed, at, board.id)
            await self._note(tx, actor, "changed", board, {"name": board.shown.name, "link": did})
        await self._told(board.id)

    async def _note(self, tx: Transaction, actor: Actor, did: str, board: Wallboard, detail: dict[str, object]) -> None:
        await self._audit.note(tx, actor, did, "wallboard", board.id, detail)

    def _reaches(self, actor: Actor, shown: Shown) -> bool:
        """All of its queues are his; one of all queues is for who reaches all."""
        queues = self._reach.queues(actor)
        return queues is None or (bool(shown.queues) and queues.issuperset(shown.queues))

    def _checked(self, actor: Actor, shown: Shown) -> Shown:
        clean = msgspec.structs.replace(
            shown, name=name_of("name", shown.name), queues=tuple(dict.fromkeys(map(storable, shown.queues)))
        )
        if None not in (clean.wait_warn, clean.wait_bad) and (clean.wait_warn or 0) > (clean.wait_bad or 0):
            raise InvalidError(N_("What is bad has to be longer than what is a warning."))
        if not self._reaches(actor, clean):
            raise ForbiddenError(N_("Choose queues that your teams serve."))
        return clean


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _encoded(shown: Shown) -> str:
    return msgspec.json.encode(shown).decode()


def _board(row: tuple[object, ...]) -> Wallboard:
    board_id, body, _, made_at, issued_at = row
    issued = None if issued_at is None else float(str(issued_at))
    return Wallboard(id=str(board_id), shown=_body(str(body)), made_at=float(str(made_at)), issued_at=issued)
