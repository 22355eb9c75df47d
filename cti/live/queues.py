"""Queues as they are now: their members and how many wait. Visits of callers belong to the call."""

from __future__ import annotations

from collections import Counter

from cti.live import pbx
from cti.live.events import QueueChanged, QueueMember

MOST_QUEUES = 5000
MOST_MEMBERS = 5000
"""Of one queue. What a broken stream makes up beyond these is not kept."""


class QueueBook:
    """Members and waiting counts of one PBX's queues; changed queues are told once per ``take``."""

    def __init__(self, pbx_name: str) -> None:
        self._pbx = pbx_name
        self._members: dict[str, dict[str, QueueMember]] = {}
        self._waiting: dict[str, int] = {}
        self._dirty: set[str] = set()

    def member(self, f: pbx.MemberChanged) -> None:
        """Take in one member's state, or its leaving."""
        if not self._room_for(f.queue):
            return
        members = self._members.setdefault(f.queue, {})
        if f.removed:
            changed = members.pop(f.interface, None) is not None
        elif len(members) >= MOST_MEMBERS and f.interface not in members:
            return
        else:
            now = QueueMember(f.interface, f.name, f.status, f.paused, f.paused_reason or None, f.in_call, f.dynamic)
            changed = members.get(f.interface) != now
            members[f.interface] = now
        if changed:
            self._dirty.add(f.queue)

    def waiting(self, queue: str, count: int) -> None:
        """How many callers wait in ``queue`` now."""
        if self._waiting.get(queue) != count and self._room_for(queue):
            self._waiting[queue] = count
            self._dirty.add(queue)

    def _room_for(self, queue: str) -> bool:
        return len(self._members) + len(self._waiting) < 2 * MOST_QUEUES or queue in self._members

    def listed(self, f: pbx.QueuesListed) -> None:
        """The PBX's own list: what is not in it is gone. A queue that is gone is told once more, empty."""
        now: dict[str, set[str]] = {queue: set() for queue in f.queues}
        for member in f.members:
            now.setdefault(member.queue, set()).add(member.interface)
        waiting = Counter(w.queue for w in f.waiting)
        for queue in {*self._members, *self._waiting} - {*now, *waiting}:
            self._members.pop(queue, None)
            self._waiting.pop(queue, None)
            self._dirty.add(queue)
        for queue in {*now, *waiting}:
            for interface in set(self._members.get(queue, ())) - now.get(queue, set()):
                del self._members[queue][interface]
                self._dirty.add(queue)
            self.waiting(queue, waiting[queue])
        for member in f.members:
            self.member(member)

    def interfaces(self) -> set[str]:
        """Every member interface of every queue."""
        return {interface for members in self._members.values() for interface in members}

    def _view(self, queue: str, at: float) -> QueueChanged:
        members = tuple(sorted(self._members.get(queue, {}).values(), key=lambda m: m.interface))
        return QueueChanged(self._pbx, at, queue, self._waiting.get(queue, 0), members)

    def snapshot(self, at: float) -> list[QueueChanged]:
        """Every queue as it is."""
        return [self._view(queue, at) for queue in sorted(set(self._members) | set(self._waiting))]

    def take(self, at: float) -> list[QueueChanged]:
        """The queues that changed since the last call."""
        if not self._dirty:
            return []
        dirty, self._dirty = sorted(self._dirty), set()
        return [self._view(queue, at) for queue in dirty]
