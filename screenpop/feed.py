"""Events of the product in, pushes out: the one place that joins ``board`` and ``hub``.

Whoever runs the bus hands batches to ``tell``; the server calls ``beat`` each second. Who may not see numbers whole
gets each topic on a channel of its own (``masked``); there too a message is made and framed once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from crm_core.contacts.callers import CallersKnown
from crm_core.users.desks import DeskTaken, PeopleAtPhones
from cti.kernel.actor import Actor
from cti.live.events import Event, LiveCall, PbxLinkChanged, QueueChanged
from cti.live.record import rfc3339
from screenpop.board import Board
from screenpop.hub import Hub
from screenpop.masked import masked_board, masked_call
from screenpop.presenter import link_row

BOARD = "board:all"
CALL = "call:"
PARTY, NUMBER, ABOUT = "party:", "number:", "about:"
"""Streams of a contact (id), of a number (key), and of what is about a call (id): they tell only that there is news."""
MESSAGES = "messages"
"""What concerns the one who watches: each has a channel of his own."""
STATUS = "status"
"""The links to the PBXs: what every page tells when one is down."""
MASKED = " masked"
"""Follows the topic in the name of the channel of those who see numbers masked; no topic ends so."""


TOPICS: tuple[tuple[str, str], ...] = (
    (BOARD, "live.view"),
    (CALL, "live.view"),
    (PARTY, "contacts.view"),
    (NUMBER, "numbers.view"),
    (ABOUT, "contacts.view"),
    (MESSAGES, "contacts.view|tasks.use|desk.choose"),
    (STATUS, ""),
)
"""Topic, or its beginning up to the colon -> the permission to watch it (of several, separated by bars, one is enough;
empty: whoever is signed in). What is not here nobody watches."""


def allowed(actor: object, topic: str) -> bool:
    """May ``actor`` watch ``topic``?"""
    if not isinstance(actor, Actor) or not actor.known:
        return False
    for name, permission in TOPICS:
        if topic == name or (name.endswith(":") and topic.startswith(name)):
            return not permission or any(map(actor.may, permission.split("|")))
    return False


def channel(actor: object, topic: str) -> str:
    """The channel on which ``actor`` gets ``topic``."""
    if topic == MESSAGES and isinstance(actor, Actor):
        return f"{MESSAGES} {actor.id}"
    if topic == STATUS:
        return STATUS
    return topic if isinstance(actor, Actor) and actor.may("numbers.view") else topic + MASKED


class Feed:
    """Owns the hub. ``frame`` wraps a message for the wire, ``first_seq`` as in ``Hub``."""

    def __init__(
        self,
        board: Board,
        allowed: Callable[[object, str], bool] = allowed,
        frame: Callable[[bytes], bytes] = bytes,
        first_seq: int | None = None,
    ) -> None:
        self.board = board
        self._allowed = allowed
        self.hub = Hub(self._snapshot, self._may_watch, frame, first_seq, channel=channel)

    def tell(self, events: Iterable[Event | PeopleAtPhones | CallersKnown | DeskTaken]) -> None:
        """Take events in; every screen they concern is told once, with what changed."""
        links: dict[str, Any] = {}
        for event in events:
            if isinstance(event, DeskTaken):
                self.message(event.user, {"kind": "desk", "id": event.extension, "by": event.taken_by})
                continue
            self.board.apply(event)
            if isinstance(event, PbxLinkChanged):
                links[event.pbx] = link_row(event)
        if links:
            self.hub.publish(STATUS, {"links": links})
        self._flush()

    def load(self, calls: Iterable[LiveCall], queues: Iterable[QueueChanged], links: Iterable[PbxLinkChanged]) -> None:
        """Take over how things stand, and tell what that changes."""
        self.board.load(calls, queues, links)
        self.hub.publish(STATUS, {"links": self.board.links()})
        self._flush()

    def nudge(self, topic: str, data: dict[str, Any]) -> None:
        """Tell whoever watches a stream that there is news in it."""
        for name in (topic, topic + MASKED):
            self.hub.publish(name, data)

    def message(self, user: str, data: dict[str, Any]) -> None:
        """Tell this user (an id) something that concerns him alone."""
        self.hub.publish(f"{MESSAGES} {user}", data)

    def beat(self, now: float) -> None:
        self.board.turn(now)
        self._flush()
        self.hub.beat(rfc3339(now) or "")

    def _flush(self) -> None:
        self._flush_board()
        for call_id in self.board.touched():
            for name in (topic := CALL + call_id, topic + MASKED):
                if self.hub.watched(name):
                    self.hub.publish(name, self._call(call_id, name != topic))

    def _flush_board(self) -> None:
        whole, masked = self.hub.watched(BOARD), self.hub.watched(BOARD + MASKED)
        if not (whole or masked):
            self.board.forget()
        elif patch := self.board.patch():
            self.hub.publish(BOARD, patch)
            if masked:
                self.hub.publish(BOARD + MASKED, masked_board(patch))

    def _may_watch(self, actor: object, topic: str) -> bool:
        return not topic.endswith(MASKED) and self._allowed(actor, topic)

    def _snapshot(self, channel: str) -> Any:
        if channel.startswith((PARTY, NUMBER, ABOUT, MESSAGES)):
            return {}
        if channel == STATUS:
            return {"links": self.board.links()}
        self._flush()
        topic, masked = channel.removesuffix(MASKED), channel.endswith(MASKED)
        if topic == BOARD:
            board = self.board.whole()
            return masked_board(board) if masked else board
        return self._call(topic.removeprefix(CALL), masked)

    def _call(self, call_id: str, masked: bool) -> dict[str, Any] | None:
        told = self.board.call(call_id)
        if not masked:
            return told
        live = self.board.live(call_id)
        return masked_call(told, None if live is None else live.record, self.board.phone)
