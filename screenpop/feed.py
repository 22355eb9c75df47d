"""Events of the product in, pushes out: the one place that joins ``board`` and ``hub``.

Whoever runs the bus hands batches to ``tell``; the server calls ``beat`` each second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from crm_core.users.desks import PeopleAtPhones
from cti.live.events import Event, LiveCall, PbxLinkChanged, QueueChanged
from cti.live.record import rfc3339
from screenpop.board import Board
from screenpop.hub import Hub

BOARD = "board:all"
CALL = "call:"


def anybody(_actor: object, topic: str) -> bool:
    """Until there are users, whoever reaches the server may see the whole board and every call."""
    return topic == BOARD or topic.startswith(CALL)


class Feed:
    """Owns the hub. ``frame`` wraps a message for the wire, ``first_seq`` as in ``Hub``."""

    def __init__(
        self,
        board: Board,
        allowed: Callable[[object, str], bool] = anybody,
        frame: Callable[[bytes], bytes] = bytes,
        first_seq: int | None = None,
    ) -> None:
        self.board = board
        self.hub = Hub(self._snapshot, allowed, frame, first_seq)

    def tell(self, events: Iterable[Event | PeopleAtPhones]) -> None:
        """Take events in; every screen they concern is told once, with what changed."""
        for event in events:
            self.board.apply(event)
        self._flush()

    def load(self, calls: Iterable[LiveCall], queues: Iterable[QueueChanged], links: Iterable[PbxLinkChanged]) -> None:
        """Take over how things stand, and tell what that changes."""
        self.board.load(calls, queues, links)
        self._flush()

    def beat(self, now: float) -> None:
        self.board.turn(now)
        self._flush()
        self.hub.beat(rfc3339(now) or "")

    def _flush(self) -> None:
        if not self.hub.watched(BOARD):
            self.board.forget()
        elif patch := self.board.patch():
            self.hub.publish(BOARD, patch)
        for call_id in self.board.touched():
            if self.hub.watched(topic := CALL + call_id):
                self.hub.publish(topic, self.board.call(call_id))

    def _snapshot(self, topic: str) -> Any:
        self._flush()
        if topic == BOARD:
            return self.board.whole()
        return self.board.call(topic.removeprefix(CALL))
