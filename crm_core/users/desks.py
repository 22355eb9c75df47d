"""Who works at which phone now: the extensions that a user is given, and the one that he chose to sit at today.

A phone that was chosen belongs to who chose it until he signs out or somebody else takes it; who loses it so is told.
What others sit at is not one's own meanwhile. Neighbours: ``directory`` has the phones, ``seats`` reads who
sits where, the live board shows the ``people``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

import msgspec

from crm_core.audit.service import Audit
from crm_core.users import seats, store
from crm_core.users.access import IDLE_SECONDS, LIFE_SECONDS, Access
from crm_core.users.account import User
from crm_core.users.directory import Directory, PbxSeen
from crm_core.users.model import desk, desk_lost, user_account
from crm_core.users.places import Mate, Place
from crm_core.users.seats import Seat
from cti.control.phones import PhoneAt
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader, Transaction, left_for_later
from cti.kernel.errors import N_, ConflictError, ForbiddenError, NotFoundError

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
"""How late the board may show who came, left or was renamed."""
ANYWAY_SECONDS = 300.0
"""Who went home without signing out is noticed so often."""


class Desk(msgspec.Struct, frozen=True):
    """A phone to sit at. ``sitter``: who chose it and is there, ``owners``: whose it is else. ``mine``: I sit there."""

    extension: str
    title: str
    reachable: bool | None
    sitter: str | None
    owners: tuple[str, ...]
    mine: bool


class Lost(msgspec.Struct, frozen=True):
    """My phone was taken. ``taken_by``: the name of who sits there now; ``at``: epoch seconds."""

    extension: str
    taken_by: str
    at: float


class DeskTaken(msgspec.Struct, frozen=True):
    """``user`` has lost ``extension`` to the one named ``taken_by``."""

    user: str
    extension: str
    taken_by: str
    at: float


class PeopleAtPhones(msgspec.Struct, frozen=True):
    """Whose name stands at which phone: by ``PBX/peer`` where a PBX is known to have it, and by extension.
    ``places``: everybody who works at a phone now. ``mates``: every active user, at a phone or not; ``teams``: their
    names by id, in order of names."""

    names: Mapping[str, str]
    places: tuple[Place, ...] = ()
    mates: tuple[Mate, ...] = ()
    teams: tuple[tuple[str, str], ...] = ()


class Desks:
    """``run`` has to run for ``PeopleAtPhones`` to be published."""

    def __init__(self, database: Database, clock: Clock, audit: Audit, access: Access, directory: Directory) -> None:
        self._database, self._clock, self._audit = database, clock, audit
        self._access, self._directory = access, directory
        self._told: PeopleAtPhones | None = None
        self._stamp: tuple[int, int, float] | None = None

    # --- sitting down

    async def phones(self, actor: Actor) -> tuple[Desk, ...]:
        """Every phone that there is, with who has it. Needs desk.choose."""
        actor.require("desk.choose")
        offered = await self._directory.extensions()
        async with self._database.read() as reader:
            taken = await self._taken(reader)
            owners = _owners(await store.users(reader, user_account.c.active))
        return tuple(
            Desk(
                extension=one.extension,
                title=one.title,
                reachable=one.reachable,
                sitter=taken[one.extension].name if one.extension in taken else None,
                owners=tuple(user.name for user in owners.get(one.extension, ())),
                mine=one.extension in taken and taken[one.extension].user_id == actor.id,
            )
            for one in offered
        )

    async def sit(self, actor: Actor, extension: str, *, take: bool = False) -> tuple[str, ...]:
        """Sit down at a phone until I sign out; the names of those from whom it was taken. Needs desk.choose.

        NotFoundError if no PBX has it, ConflictError if somebody is there and I do not ``take`` it from him.
        """
        actor.require("desk.choose")
        if actor.kind != "user":
            raise ForbiddenError(N_("Only who is signed in can sit down at a phone."))
        if extension not in {one.extension for one in await self._directory.extensions()}:
            raise NotFoundError(N_("No PBX has the extension %(extension)s."), extension=extension[:32])
        async with self._access.changing() as tx:
            there = await self._there(tx, actor, extension)
            if there and not take:
                raise ConflictError(N_("%(name)s works at this phone now."), name=next(iter(there.values())))
            await tx.execute("DELETE FROM desk WHERE user_id = ? OR extension = ?", actor.id, extension)
            await tx.insert(desk, [(extension, actor.id, actor.session, self._clock.now())])
            await tx.execute("DELETE FROM desk_lost WHERE user_id = ?", actor.id)
            await self._tell(tx, actor, extension, there)
            await self._audit.note(tx, actor, "changed", "user", actor.id, {"desk": extension})
        return tuple(there.values())

    async def _there(self, tx: Transaction, actor: Actor, extension: str) -> dict[str, str]:
        """Who works at a phone: who chose it, else those signed in whose own it is and who chose no other."""
        taken = await self._taken(tx)
        if extension in taken:
            seat = taken[extension]
            return {} if seat.user_id == actor.id else {seat.user_id: seat.name}
        elsewhere = {actor.id, *(seat.user_id for seat in taken.values())}
        owners = _owners(await store.users(tx, user_account.c.active)).get(extension, ())
        return {u.id: u.name for u in owners if u.id not in elsewhere and await self._is_in(tx, u.id)}

    async def _tell(self, tx: Transaction, actor: Actor, extension: str, losers: Iterable[str]) -> None:
        for loser in losers:
            await tx.execute("DELETE FROM desk_lost WHERE user_id = ?", loser)
            await tx.insert(desk_lost, [(loser, extension, actor.name, self._clock.now())])
            tx.publish(DeskTaken(loser, extension, actor.name, self._clock.now()))

    async def stand(self, actor: Actor) -> None:
        """Leave the phone that I chose; my own are mine again."""
        actor.require()
        async with self._access.changing() as tx:
            await tx.execute("DELETE FROM desk WHERE user_id = ?", actor.id)

    async def seat(self, actor: Actor) -> str | None:
        """The phone that I chose, if I did."""
        actor.require()
        async with self._database.read() as reader:
            taken = await self._taken(reader)
        return next((seat.extension for seat in taken.values() if seat.user_id == actor.id), None)

    async def asks(self, actor: Actor) -> bool:
        """Should he be asked where he sits: he may choose, has no phone at the moment, and there is one to have."""
        if not actor.may("desk.choose") or actor.extensions:
            return False
        return bool(await self._directory.extensions())

    async def lost(self, actor: Actor) -> Lost | None:
        """What was taken from me, until I have read it."""
        actor.require()
        async with self._database.read() as reader:
            row = await reader.one("SELECT extension, taken_by, at FROM desk_lost WHERE user_id = ?", actor.id)
        return None if row is None else Lost(*row)

    async def read(self, actor: Actor) -> None:
        """I have read what was taken from me."""
        actor.require()
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM desk_lost WHERE user_id = ?", actor.id)

    # --- who is where

    async def people(self) -> PeopleAtPhones:
        """Whose name stands at which phone now, and who works at which (for the product's own use)."""
        seen = await self._directory.known()
        async with self._database.read() as reader:
            taken = await self._taken(reader)
            users = await store.users(reader, user_account.c.active)
            teams = [(row[0], row[1]) for row in await reader.fetch("SELECT id, name FROM team ORDER BY name, id")]
        names = {extension: whose[0].name for extension, whose in _owners(users).items() if len(whose) == 1}
        names.update({extension: seat.name for extension, seat in taken.items()})
        places = (_place(user, seats.of(user, taken), seen) for user in users)
        return PeopleAtPhones(
            names | _devices(seen, names),
            tuple(place for place in places if place.extensions),
            tuple(Mate(user.id, user.name, user.teams, user.queues) for user in users),
            tuple(teams),
        )

    async def run(self) -> None:
        """Publish who is where whenever it changes, for as long as the product runs."""
        while True:
            with left_for_later(log, "who sits where is not told"):
                await self.tell()
            await self._clock.sleep(LOOK_SECONDS)

    async def tell(self) -> None:
        """Publish who is where, if that has changed."""
        async with self._database.read() as reader:
            row = await reader.one("SELECT generation FROM access_state")
        stamp = (row[0] if row else 0, self._directory.version, self._clock.now() // ANYWAY_SECONDS)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        people = await self.people()
        if people != self._told:
            self._told = people
            async with self._database.transaction() as tx:
                tx.publish(people)

    def tell_again(self) -> None:
        """Somebody may have missed it: publish it once more, changed or not."""
        self._told = self._stamp = None

    async def _taken(self, reader: Reader) -> dict[str, Seat]:
        now = self._clock.now()
        return await seats.taken(reader, now - IDLE_SECONDS, now - LIFE_SECONDS)

    async def _is_in(self, reader: Reader, user_id: str) -> bool:
        sql = "SELECT 1 FROM session WHERE user_id = ? AND revoked_at IS NULL AND step = 'in' AND seen_at > ?"
        return await reader.one(sql, user_id, self._clock.now() - IDLE_SECONDS) is not None


def _place(user: User, extensions: tuple[str, ...], seen: Iterable[PbxSeen]) -> Place:
    phones = tuple(
        PhoneAt(one.pbx, endpoint.name, endpoint.extension, endpoint.reachable)
        for one in seen
        for endpoint in one.endpoints
        if endpoint.extension in extensions and endpoint.kind == "phone"
    )
    return Place(user.id, user.name, extensions, phones)


def _owners(users: Iterable[User]) -> dict[str, list[User]]:
    found: dict[str, list[User]] = {}
    for user in users:
        for extension in user.extensions:
            found.setdefault(extension, []).append(user)
    return found


def _devices(seen: Iterable[PbxSeen], names: Mapping[str, str]) -> dict[str, str]:
    """The names by PBX and peer, for phones whose name is not their extension."""
    return {
        f"{one.pbx}/{endpoint.name.partition('/')[2]}": names[endpoint.extension]
        for one in seen
        for endpoint in one.endpoints
        if endpoint.extension is not None and endpoint.extension in names
    }
