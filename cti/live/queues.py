"""Queues as they are now: their members and how many wait. Visits of callers belong to the call."""

from __future__ import annotations

from cti.live import pbx
from cti.live.events import QueueChanged, QueueMember


class _Queue:
    """``changed`` holds what differs since the queue was last told; None once a member has left."""

    __slots__ = ("changed", "members", "waiting")

    def __init__(self) -> None:
        self.members: dict[str, QueueMember] = {}
        self.waiting = 0
        self.changed: dict[str, QueueMember] | None = {}


class QueueBook:
    """Members and waiting counts of one PBX's queues; changed queues are told once per ``take``."""

    def __init__(self, pbx_name: str) -> None:
        self._pbx = pbx_name
        self._queues: dict[str, _Queue] = {}
        self._dirty: dict[str, None] = {}

    def _queue(self, name: str) -> _Queue:
        queue = self._queues.get(name)
        if queue is None:
            queue = self._queues[name] = _Queue()
        return queue

    def member(self, f: pbx.MemberChanged) -> None:
        """Take in one member's state, or its leaving."""
        if f.removed:
            self._remove(f.queue, f.interface)
            return
        queue = self._queue(f.queue)
        now = QueueMember(f.interface, f.name, f.status, f.paused, f.paused_reason or None, f.in_call, f.dynamic)
        if queue.members.get(f.interface) == now:
            return
        queue.members[f.interface] = now
        if queue.changed is not None:
            queue.changed[f.interface] = now
        self._dirty[f.queue] = None

    def _remove(self, name: str, interface: str) -> None:
        queue = self._queue(name)
        if queue.members.pop(interface, None) is not None:
            queue.changed = None
            self._dirty[name] = None

    def waiting(self, queue: str, count: int) -> None:
        """How many callers wait in ``queue`` now."""
        known = self._queue(queue)
        if known.waiting != count:
            known.waiting = count
            self._dirty[queue] = None

    def listed(self, f: pbx.QueuesListed) -> None:
        """The PBX's own list: what is not in it is gone."""
        for name in {*self._queues, *f.queues}:
            interfaces = {m.interface for m in f.members if m.queue == name}
            for interface in set(self._queue(name).members) - interfaces:
                self._remove(name, interface)
            self.waiting(name, sum(1 for w in f.waiting if w.queue == name))
        for member in f.members:
            self.member(member)

    def interfaces(self) -> set[str]:
        """Every member interface of every queue."""
        return {interface for queue in self._queues.values() for interface in queue.members}

    def _view(self, name: str, at: float, changed: tuple[QueueMember, ...] | None) -> QueueChanged:
        queue = self._queues[name]
        return QueueChanged(self._pbx, at, name, queue.waiting, tuple(queue.members.values()), changed)

    def snapshot(self, at: float) -> list[QueueChanged]:
        """Every queue as it is."""
        return [self._view(name, at, None) for name in sorted(self._queues)]

    def take(self, at: float) -> list[QueueChanged]:
        """The queues that changed since the last call."""
        if not self._dirty:
            return []
        dirty, self._dirty = self._dirty, {}
        out = []
        for name in dirty:
            queue = self._queues[name]
            changed = None if queue.changed is None else tuple(queue.changed.values())
            queue.changed = {}
            out.append(self._view(name, at, changed))
        return out
