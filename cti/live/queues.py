"""Queues as they are now: their members and how many wait. Visits of callers belong to the call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from cti.live import pbx
from cti.live.events import QueueChanged, QueueMember

MOST_QUEUES = 5000
MOST_MEMBERS = 5000
"""Of one queue. What a broken stream makes up beyond these is not kept."""
MOST_TOLD = 100
"""Of who waits, the first so many are told in their order."""


class _Queue:
    """``changed`` holds what differs since the queue was last told; None once a member has left. ``order``: the unique
    ids of who waits, the first one first."""

    __slots__ = ("changed", "members", "order", "waiting")

    def __init__(self) -> None:
        self.members: dict[str, QueueMember] = {}
        self.waiting = 0
        self.order: list[str] = []
        self.changed: dict[str, QueueMember] | None = {}


class QueueBook:
    """Members and who waits in one PBX's queues; changed queues are told once per ``take``. ``call_of``: the id of the
    call that a channel (its unique id) belongs to."""

    def __init__(self, pbx_name: str, call_of: Callable[[str], str | None] = lambda _uid: None) -> None:
        self._pbx, self._call_of = pbx_name, call_of
        self._queues: dict[str, _Queue] = {}
        self._dirty: dict[str, None] = {}
        self._gone: set[str] = set()

    def _queue(self, name: str) -> _Queue:
        queue = self._queues.get(name)
        if queue is None:
            queue = _Queue()
            if len(self._queues) < MOST_QUEUES:
                self._queues[name] = queue
        return queue

    def member(self, f: pbx.MemberChanged) -> None:
        """Take in one member's state, or its leaving."""
        if f.removed:
            self._remove(f.queue, f.interface)
            return
        queue = self._queue(f.queue)
        now = QueueMember(f.interface, f.name, f.status, f.paused, f.paused_reason or None, f.in_call, f.dynamic)
        known = queue.members.get(f.interface)
        if known == now or (known is None and len(queue.members) >= MOST_MEMBERS) or f.queue not in self._queues:
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
        if known.waiting != count and queue in self._queues:
            known.waiting = count
            self._dirty[queue] = None

    def joined(self, name: str, uid: str, position: int, count: int) -> None:
        """Somebody waits, at this position (1: first; 0: nobody says, so last)."""
        self.left(name, uid, count)
        order = self._queue(name).order
        order.insert(position - 1 if position else len(order), uid)
        self._dirty[name] = None

    def left(self, name: str, uid: str, count: int) -> None:
        """He waits no more."""
        self.waiting(name, count)
        order = self._queue(name).order
        if uid in order:
            order.remove(uid)
            self._dirty[name] = None

    def _stand(self, f: pbx.QueuesListed) -> None:
        order: dict[str, list[str]] = {}
        for caller in sorted(f.waiting, key=lambda one: one.position):
            order.setdefault(caller.queue, []).append(caller.uid)
        for name, queue in self._queues.items():
            now = order.get(name, [])
            if queue.order != now:
                queue.order = now
                self._dirty[name] = None

    def listed(self, f: pbx.QueuesListed) -> None:
        """The PBX's own list: what is not in it is gone. A queue that is gone is told once more, empty."""
        now: dict[str, set[str]] = {queue: set() for queue in f.queues}
        for member in f.members:
            now.setdefault(member.queue, set()).add(member.interface)
        waiting = Counter(w.queue for w in f.waiting)
        for name in {*self._queues, *now, *waiting}:
            for interface in set(self._queue(name).members) - now.get(name, set()):
                self._remove(name, interface)
            self.waiting(name, waiting[name])
        for member in f.members:
            self.member(member)
        self._stand(f)
        self._gone.update(set(self._queues) - {*now, *waiting})

    def interfaces(self) -> set[str]:
        """Every member interface of every queue."""
        return {interface for queue in self._queues.values() for interface in queue.members}

    def _view(self, name: str, at: float, changed: tuple[QueueMember, ...] | None) -> QueueChanged:
        queue = self._queue(name)
        order = tuple(filter(None, map(self._call_of, queue.order[:MOST_TOLD])))
        return QueueChanged(self._pbx, at, name, queue.waiting, tuple(queue.members.values()), changed, order)

    def snapshot(self, at: float) -> list[QueueChanged]:
        """Every queue as it is."""
        return [self._view(name, at, None) for name in sorted(self._queues)]

    def take(self, at: float) -> list[QueueChanged]:
        """The queues that changed since the last call."""
        if not self._dirty and not self._gone:
            return []
        dirty, self._dirty = self._dirty, {}
        out = []
        for name in dirty:
            queue = self._queue(name)
            changed = None if queue.changed is None else tuple(queue.changed.values())
            queue.changed = {}
            out.append(self._view(name, at, changed))
        self._forget()
        return out

    def _forget(self) -> None:
        for name in self._gone:
            queue = self._queues.get(name)
            if queue is not None and not queue.members and not queue.waiting:
                del self._queues[name]
        self._gone.clear()
