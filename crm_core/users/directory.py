"""What the PBXs have: endpoints, queues, members, mailboxes; to choose from, and to compare with the users.

It comes as events, is kept in memory, and is written down each time a PBX was read whole, so that the lists are
there before a PBX is reached again. Neighbours: ``differences`` compares, ``desks`` offers the phones to sit at.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec

from crm_core.users import store
from crm_core.users.differences import Difference, compared
from crm_core.users.model import pbx_seen, user_account
from cti.kernel.actor import Actor
from cti.kernel.db import Database
from cti.live.events import DirectoryRead, Endpoint, EndpointChanged, MailboxChanged, QueueChanged, QueueMember
from cti.live.inventory import Mailbox

KINDS: tuple[type, ...] = (DirectoryRead, EndpointChanged, MailboxChanged, QueueChanged)
"""The events that ``take`` wants."""


class PbxMember(msgspec.Struct, frozen=True):
    """``extension`` is None for an interface that belongs to no phone that the PBX told of."""

    interface: str
    name: str
    extension: str | None
    dynamic: bool


class PbxQueue(msgspec.Struct, frozen=True):
    name: str
    members: tuple[PbxMember, ...]


class PbxSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What one PBX has. ``at``: when it was last read, epoch seconds. ``silent``: the lists that it does not give."""

    pbx: str
    at: float
    endpoints: tuple[Endpoint, ...] = ()
    queues: tuple[PbxQueue, ...] = ()
    mailboxes: tuple[Mailbox, ...] = ()
    silent: tuple[str, ...] = ()


class PbxExtension(msgspec.Struct, frozen=True):
    """An extension of a phone, to choose. ``title``: as the PBX names its owner. ``reachable``: any of its devices."""

    extension: str
    title: str
    reachable: bool | None
    devices: tuple[str, ...]


class Messages(msgspec.Struct, frozen=True):
    """How many voicemail messages wait unheard, how many were heard. ``at``: when the PBX said so (epoch seconds)."""

    new: int
    old: int
    at: float


class Offer(msgspec.Struct, frozen=True):
    """What there is to choose from."""

    extensions: tuple[PbxExtension, ...]
    devices: tuple[str, ...]
    queues: tuple[str, ...]


class Directory:
    """``version`` grows whenever a PBX was read, and when a phone came or went."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._pbxs: dict[str, PbxSeen] = {}
        self._queues: dict[str, dict[str, QueueChanged]] = {}
        self._heard: dict[tuple[str, str, str], float] = {}
        self.version = 0
        self._loaded = False
        self._loading = asyncio.Lock()

    async def take(self, event: DirectoryRead | EndpointChanged | MailboxChanged | QueueChanged) -> None:
        """Take in what a PBX told."""
        await self._ready()
        if isinstance(event, QueueChanged):
            self._queues.setdefault(event.pbx, {})[event.queue] = event
        elif isinstance(event, EndpointChanged):
            self._change(event)
        elif isinstance(event, MailboxChanged):
            self._messages(event)
        else:
            self._read(event)
            self.version += 1
            await self._write(self._seen(event.pbx))

    def _read(self, event: DirectoryRead) -> None:
        queues = self._queues.get(event.pbx, {})
        for gone in set(queues).difference(event.queues):
            del queues[gone]
        self._pbxs[event.pbx] = PbxSeen(
            pbx=event.pbx,
            at=event.at,
            endpoints=event.endpoints,
            mailboxes=event.mailboxes,
            silent=event.silent,
        )

    def _change(self, event: EndpointChanged) -> None:
        seen = self._pbxs.get(event.pbx)
        if seen is not None:
            now = tuple(event.endpoint if e.name == event.endpoint.name else e for e in seen.endpoints)
            self._pbxs[event.pbx] = msgspec.structs.replace(seen, endpoints=now)
            self.version += now != seen.endpoints  # a phone that has just registered can be rung

    def _messages(self, event: MailboxChanged) -> None:
        seen, box = self._pbxs.get(event.pbx), event.mailbox
        if seen is None:
            return
        others = (one for one in seen.mailboxes if (one.number, one.context) != (box.number, box.context))
        self._pbxs[event.pbx] = msgspec.structs.replace(seen, mailboxes=(*others, box))
        self._heard[event.pbx, box.number, box.context] = event.at

    # --- asked

    async def seen(self, actor: Actor) -> tuple[PbxSeen, ...]:
        """Every PBX with all that it has. Needs pbx.manage or users.manage."""
        actor.require_any("pbx.manage", "users.manage")
        return await self.known()

    async def messages(self, actor: Actor) -> Messages | None:
        """What waits in the actor's mailboxes: those with the number of one of his phones. None: no PBX tells of one.
        Needs desk.use."""
        actor.require("desk.use")
        boxes = [
            (box, max(seen.at, self._heard.get((seen.pbx, box.number, box.context), 0.0)))
            for seen in await self.known()
            for box in seen.mailboxes
            if box.number in actor.extensions and box.new is not None
        ]
        if not boxes:
            return None
        new, old = (sum(getattr(box, name) or 0 for box, _ in boxes) for name in ("new", "old"))
        return Messages(new, old, max(at for _, at in boxes))

    async def differences(self, actor: Actor) -> tuple[Difference, ...]:
        """Where the users and the PBXs do not agree. Needs pbx.manage or users.manage."""
        seen = await self.seen(actor)
        async with self._database.read() as reader:
            people = await store.users(reader, user_account.c.active)
        return compared(seen, people)

    async def offer(self, actor: Actor) -> Offer:
        """What a user can be given to work with. Needs pbx.manage or users.manage."""
        actor.require_any("pbx.manage", "users.manage")
        seen = await self.known()
        devices = {e.name for one in seen for e in one.endpoints if e.kind != "trunk"}
        queues = {queue.name for one in seen for queue in one.queues}
        return Offer(await self.extensions(), tuple(sorted(devices)), tuple(sorted(queues)))

    async def extensions(self) -> tuple[PbxExtension, ...]:
        """The extensions that have a phone, in their order (for the product's own use)."""
        seen = await self.known()
        titles = {box.number: box.title for one in seen for box in one.mailboxes}
        phones: dict[str, list[Endpoint]] = {}
        for endpoint in (e for one in seen for e in one.endpoints if e.extension):
            phones.setdefault(endpoint.extension or "", []).append(endpoint)
        return tuple(_extension(number, phones[number], titles) for number in sorted(phones, key=_order))

    async def trunks(self) -> list[tuple[str, Endpoint]]:
        """The lines of every PBX, with its name (for the product's own use)."""
        await self._ready()
        return [(pbx, line) for pbx, seen in self._pbxs.items() for line in seen.endpoints if line.kind == "trunk"]

    async def known(self) -> tuple[PbxSeen, ...]:
        """Every PBX with all that it has (for the product's own use)."""
        await self._ready()
        return tuple(self._seen(pbx) for pbx in sorted(self._pbxs))

    def _seen(self, pbx: str) -> PbxSeen:
        """With the queues as they are now; those that were last known where none was told yet."""
        seen = self._pbxs[pbx]
        if not self._queues.get(pbx):
            return seen
        owners = {endpoint.name: endpoint.extension for endpoint in seen.endpoints}
        live = sorted(self._queues[pbx].items())
        return msgspec.structs.replace(
            seen, queues=tuple(PbxQueue(name, _members(event.members, owners)) for name, event in live)
        )

    # --- kept

    async def _ready(self) -> None:
        if self._loaded:
            return
        async with self._loading:
            if not self._loaded:
                await self._load()
                self._loaded = True

    async def _load(self) -> None:
        async with self._database.read() as reader:
            rows = await reader.fetch("SELECT pbx, body FROM pbx_seen")
        for pbx, body in rows:
            self._pbxs.setdefault(pbx, msgspec.json.decode(body, type=PbxSeen))

    async def _write(self, seen: PbxSeen) -> None:
        body = msgspec.json.encode(seen).decode()
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM pbx_seen WHERE pbx = ?", seen.pbx)
            await tx.insert(pbx_seen, [(seen.pbx, seen.at, body)])


def _extension(number: str, phones: Iterable[Endpoint], titles: dict[str, str]) -> PbxExtension:
    phones = tuple(phones)
    title = next((e.title for e in phones if e.title), titles.get(number, ""))
    told = [e.reachable for e in phones if e.reachable is not None]
    return PbxExtension(number, title, any(told) if told else None, tuple(e.name for e in phones))


def _members(members: Iterable[QueueMember], owners: dict[str, str | None]) -> tuple[PbxMember, ...]:
    found = [
        PbxMember(m.interface, m.name, owners.get(m.interface) or _dialled(m.interface), m.dynamic) for m in members
    ]
    return tuple(sorted(found, key=lambda m: (_order(m.extension or ""), m.interface)))


def _dialled(interface: str) -> str | None:
    """The extension that a member of the kind ``Local/201@from-queue/n`` rings."""
    technology, _, rest = interface.partition("/")
    peer = rest.partition("@")[0]
    return peer if technology == "Local" and peer.isdigit() else None


def _order(extension: str) -> tuple[int, int, str]:
    """Numbers by size, then the rest."""
    return (0, int(extension), "") if extension.isdecimal() and len(extension) < 16 else (1, 0, extension)
