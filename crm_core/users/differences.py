"""Where the users and what the PBXs have do not agree: pure, over what ``directory`` knows. Each kind has its mend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import msgspec

from crm_core.users.account import User

if TYPE_CHECKING:
    from crm_core.users.directory import PbxSeen

DifferenceKind = Literal[
    "extension_unknown", "extension_shared", "extension_free", "device_unknown", "queue_unknown", "member_nobody",
    "member_missing", "member_unlisted",
]  # fmt: skip
"""``extension_unknown``: a user has one that no PBX has. ``extension_shared``: several users have it.
``extension_free``: nobody has it. ``device_unknown``, ``queue_unknown``: a user's, that no PBX has.
``member_nobody``: a queue rings what belongs to no user. ``member_missing``: a user's queue does not ring him.
``member_unlisted``: a queue that is not his rings him."""


class Difference(msgspec.Struct, frozen=True):
    """``subject``: the extension, device or queue in question. ``users``: ids of whom it concerns, ``names`` theirs.
    ``where``: the queue of a member. ``pbx`` is empty where it is not about a certain one."""

    kind: DifferenceKind
    subject: str
    pbx: str = ""
    where: str = ""
    users: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def compared(seen: Sequence[PbxSeen], people: Sequence[User]) -> tuple[Difference, ...]:
    """All of them; nothing where no PBX was ever read. ``people``: the active users."""
    if not seen:
        return ()
    owners: dict[str, list[User]] = {}
    for user in people:
        for extension in user.extensions:
            owners.setdefault(extension, []).append(user)
    found = [*_of_users(seen, people), *_of_extensions(seen, owners), *_of_queues(seen, owners)]
    return tuple(found)


def _of_users(seen: Sequence[PbxSeen], people: Iterable[User]) -> Iterable[Difference]:
    extensions = {e.extension for one in seen for e in one.endpoints}
    devices = {e.name for one in seen for e in one.endpoints}
    queues = {queue.name for one in seen for queue in one.queues}
    for user in people:
        yield from (_his("extension_unknown", e, user) for e in user.extensions if e not in extensions)
        yield from (_his("device_unknown", d, user) for d in user.devices if d not in devices)
        yield from (_his("queue_unknown", q, user) for q in user.queues if q not in queues)


def _his(kind: DifferenceKind, subject: str, user: User) -> Difference:
    return Difference(kind, subject, users=(user.id,), names=(user.name,))


def _of_extensions(seen: Iterable[PbxSeen], owners: dict[str, list[User]]) -> Iterable[Difference]:
    for extension, users in owners.items():
        if len(users) > 1:
            ids, names = tuple(u.id for u in users), tuple(u.name for u in users)
            yield Difference("extension_shared", extension, users=ids, names=names)
    for one in seen:
        for extension in dict.fromkeys(e.extension for e in one.endpoints if e.kind == "phone" and e.extension):
            if extension not in owners:
                title = next((e.title for e in one.endpoints if e.extension == extension and e.title), "")
                yield Difference("extension_free", extension, one.pbx, names=(title,) if title else ())


def _of_queues(seen: Iterable[PbxSeen], owners: dict[str, list[User]]) -> Iterable[Difference]:
    for one in seen:
        for queue in one.queues:
            rung = {m.extension for m in queue.members if m.extension}
            for member in queue.members:
                if member.extension not in owners:
                    names = (member.name,) if member.name else ()
                    yield Difference(
                        "member_nobody", member.extension or member.interface, one.pbx, queue.name, (), names
                    )
            for user in _each(owners):
                yield from _membership(one.pbx, queue.name, user, not rung.isdisjoint(user.extensions))


def _membership(pbx: str, queue: str, user: User, rings: bool) -> Iterable[Difference]:
    """Of a user who has queues at all: where none is noted, none is expected."""
    if not user.queues or rings == (queue in user.queues):
        return
    kind: DifferenceKind = "member_unlisted" if rings else "member_missing"
    yield Difference(kind, ", ".join(user.extensions), pbx, queue, (user.id,), (user.name,))


def _each(owners: dict[str, list[User]]) -> list[User]:
    return list({user.id: user for users in owners.values() for user in users}.values())
