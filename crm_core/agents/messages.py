"""Messages to agents: whoever leads them writes to one, several or whole teams; each says that he has read it.

They are kept, so that who was on a call or at lunch finds them; who is there is told at once (``MessageSent``).
Neighbours: ``model`` has the tables, ``crm_core.users.reach`` says whom somebody leads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from crm_core.agents.model import agent_message, agent_message_to
from crm_core.audit.ordered import Ordered
from crm_core.audit.service import Audit
from crm_core.users.reach import TeamReach
from crm_core.users.texts import storable
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader
from cti.kernel.errors import N_, ForbiddenError, InvalidError, NotFoundError

SEND, USE = "agents.manage", "desk.use"
LONGEST = 500
MOST_SHOWN = 20
MOST_TO = 1000


class Message(msgspec.Struct, frozen=True):
    """``at``: epoch seconds. ``by``: the name of who wrote it."""

    id: str
    at: float
    by: str
    text: str


class Recipient(msgspec.Struct, frozen=True):
    """``read_at``: when he said that he has read it (epoch seconds); None: not yet."""

    user: str
    name: str
    read_at: float | None


class Sent(msgspec.Struct, frozen=True):
    """A message of mine. ``teams``: the names of those that it went to as a whole."""

    id: str
    at: float
    text: str
    teams: tuple[str, ...]
    to: tuple[Recipient, ...]


class MessageSent(msgspec.Struct, frozen=True):
    """``message`` is for ``user`` (an id)."""

    user: str
    message: Message


class MessageRead(msgspec.Struct, frozen=True):
    """``user`` (an id) has read the message ``id`` of ``author`` (an id)."""

    author: str
    id: str
    user: str
    at: float


class Messages:
    def __init__(self, database: Database, clock: Clock, audit: Audit, reach: TeamReach) -> None:
        self._database, self._clock, self._audit, self._reach = database, clock, audit, reach
        self._ids = Ordered()

    async def send(self, actor: Actor, users: Sequence[str], teams: Sequence[str], text: str) -> Sent:
        """Write to these users and to everybody in these teams (ids). Needs agents.manage.

        ForbiddenError for whom one does not lead, InvalidError for a text that is empty or too long, or to nobody.
        """
        actor.require(SEND)
        text = _checked(text)
        to = self._recipients(actor, users, teams)
        names = tuple(name for team, name in self._reach.teams(actor) if team in teams)
        message = Message(self._ids.next(now := self._clock.now()), now, actor.name, text)
        async with self._database.transaction() as tx:
            row = (message.id, now, actor.id, actor.name, text, msgspec.json.encode(names).decode())
            await tx.insert(agent_message, [row])
            await tx.insert(agent_message_to, [(user, message.id, None) for user in to])
            await self._audit.note(tx, actor, "wrote", "message", message.id, {"text": text, "users": list(to)})
            for user in to:
                tx.publish(MessageSent(user, message))
        return Sent(message.id, now, text, names, tuple(Recipient(user, self._reach.name(user), None) for user in to))

    def _recipients(self, actor: Actor, users: Sequence[str], teams: Sequence[str]) -> tuple[str, ...]:
        for user in users:
            self._reach.require_user(actor, user)
        if not all(self._reach.may_team(actor, team) for team in teams):
            raise ForbiddenError(N_("This is none of your teams."))
        found = {user for user in users if self._reach.name(user)}
        found |= {user for team in teams for user in self._reach.of_team(team)} - {actor.id}
        if not found:
            raise InvalidError(N_("There is nobody to write to."))
        if len(found) > MOST_TO:
            raise InvalidError(N_("There are too many of them."))
        return tuple(sorted(found))

    async def unread(self, actor: Actor) -> tuple[Message, ...]:
        """What I was written and have not said to have read, the newest first. Needs desk.use."""
        actor.require(USE)
        sql = (
            "SELECT m.id, m.at, m.author_name, m.text FROM agent_message_to t JOIN agent_message m ON m.id = t.message "
            f"WHERE t.user_id = ? AND t.read_at IS NULL ORDER BY m.id DESC LIMIT {MOST_SHOWN}"
        )
        async with self._database.read() as reader:
            return tuple(Message(*row) for row in await reader.fetch(sql, actor.id))

    async def read(self, actor: Actor, message: str) -> None:
        """I have read it. Needs desk.use. NotFoundError for one that is not for me."""
        actor.require(USE)
        async with self._database.transaction() as tx:
            sql = (
                "SELECT m.author, t.read_at FROM agent_message_to t JOIN agent_message m ON m.id = t.message "
                "WHERE t.user_id = ? AND t.message = ?"
            )
            row = await tx.one(sql, actor.id, message := storable(message))
            if row is None:
                raise NotFoundError(N_("There is no such message."))
            if row[1] is not None:
                return
            now = self._clock.now()
            await tx.execute(
                "UPDATE agent_message_to SET read_at = ? WHERE user_id = ? AND message = ?", now, actor.id, message
            )
            tx.publish(MessageRead(row[0], message, actor.id, now))

    async def sent(self, actor: Actor) -> tuple[Sent, ...]:
        """What I wrote last, the newest first, with who has read it. Needs agents.manage."""
        actor.require(SEND)
        sql = f"SELECT id, at, text, teams FROM agent_message WHERE author = ? ORDER BY id DESC LIMIT {MOST_SHOWN}"
        async with self._database.read() as reader:
            rows = await reader.fetch(sql, actor.id)
            to = await self._read_by(reader, [row[0] for row in rows])
        return tuple(
            Sent(id_, at, text, tuple(msgspec.json.decode(teams)), to.get(id_, ())) for id_, at, text, teams in rows
        )

    async def _read_by(self, reader: Reader, ids: Iterable[str]) -> dict[str, tuple[Recipient, ...]]:
        sql = "SELECT message, user_id, read_at FROM agent_message_to WHERE message IN (?)"
        found: dict[str, list[Recipient]] = {}
        for message, user, read_at in sorted(await reader.fetch_in(sql, list(ids)), key=lambda row: (row[0], row[1])):
            found.setdefault(message, []).append(Recipient(user, self._reach.name(user), read_at))
        return {message: tuple(to) for message, to in found.items()}


def _checked(text: str) -> str:
    text = storable(text).strip()
    if not text:
        raise InvalidError(N_("Write something."))
    if len(text) > LONGEST:
        raise InvalidError(N_("At most %(most)s characters."), most=str(LONGEST))
    if any(ord(char) < 32 and char != "\n" for char in text):
        raise InvalidError(N_("A message is plain text."))
    return text
