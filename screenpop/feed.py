"""Events of the product in, pushes out: the one place that joins ``board`` and ``hub``.

Whoever runs the bus hands batches to ``tell``; the server runs ``beats`` each second. Who may not see numbers whole
gets each topic on a channel of its own (``masked``); there too a message is made and framed once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from call_log.service import VIEW
from crm_core.contacts.callers import CallersKnown
from crm_core.users.desks import DeskTaken, PeopleAtPhones
from crm_core.users.places import Places
from crm_core.users.reach import EVERYBODY
from crm_core.wallboards.model import Viewer
from cti.kernel.actor import Actor
from cti.live.events import CallLogged, CallMerged, Event, LiveCall, PbxLinkChanged, QueueChanged
from cti.live.record import rfc3339
from screenpop.board import Board
from screenpop.cards import Writer
from screenpop.hub import Hub
from screenpop.masked import masked_board, masked_call, masked_pop
from screenpop.pops import Pops
from screenpop.presenter import link_row
from screenpop.pulse import Pulses
from screenpop.seats import AgentNow
from screenpop.teams import TeamBoards

BOARD = "board:all"
"""The whole board: for who may see every call."""
TEAM_BOARD = "board:"
"""The board of one team (its id): for who is in it, or may see every call."""
SCOPED = ("board", "alerts")
"""What these topics tell is of one team, or (``all``) of everybody."""
CALL = "call:"
PARTY, NUMBER, ABOUT = "party:", "number:", "about:"
"""Streams of a contact (id), of a number (key), and of what is about a call (id): they tell only that there is news."""
MESSAGES = "messages"
"""What concerns the one who watches: each has a channel of his own."""
POPS, AGENT = "pops", "agent"
"""My calls, and my own state as an agent: each has a channel of his own."""
AGENTS = "agents"
"""All colleagues who take calls, by user, with what each does now."""
CALLS = "calls"
"""The call log: tells only that there is news in it, at most once a second; whose, is asked of the log."""
PULSE = "pulse"
"""What the bar of every page says of now, of all calls or of those of one's teams: told once a second."""
STATUS = "status"
"""The links to the PBXs: what every page tells when one is down."""
PLAYBACK = "playback:"
"""The past as it is played to one user: only he watches it (``playbacks``)."""
WALLBOARD = "wallboard:"
"""A board on a wall (its id): whoever has its link watches it, and with that nothing else (``walls``)."""
ALERTS = "alerts:all"
"""The alerts that are open, by id: for who may see every call."""
TEAM_ALERTS, HOUSE_ALERTS = "alerts:", "alerts:house"
"""Those that concern a team (its id): for its members; those that concern everybody: links and lines."""
GATHER_SECONDS = 0.05
"""A board is told of its first change at once, and of those that follow together: at three hundred a second a message
for each would cost twice the bytes and the work, and nobody sees a twentieth of a second. Cards are never held."""
MASKED = " masked"
"""Follows the topic in the name of the channel of those who see numbers masked; no topic ends so."""


TOPICS: tuple[tuple[str, str], ...] = (
    (BOARD, "live.view"),
    (TEAM_BOARD, "live.view"),
    (PULSE, "live.view"),
    (CALL, "live.view"),
    (CALLS, VIEW),
    (PARTY, "contacts.view"),
    (NUMBER, "numbers.view"),
    (ABOUT, "contacts.view"),
    (MESSAGES, "contacts.view|tasks.use|desk.choose|desk.use|agents.manage"),
    (POPS, "desk.use"),
    (AGENT, "desk.use"),
    (AGENTS, "agents.view"),
    (STATUS, ""),
    (PLAYBACK, "playback.view"),
    (TEAM_ALERTS, "live.view"),
)
"""Topic, or its beginning up to the colon -> the permission to watch it (of several, separated by bars, one is enough;
empty: whoever is signed in). What is not here nobody watches."""


def allowed(actor: object, topic: str) -> bool:
    """May ``actor`` watch ``topic``?"""
    if isinstance(actor, Viewer):
        return topic == WALLBOARD + actor.board
    if not isinstance(actor, Actor) or not actor.known:
        return False
    for name, permission in TOPICS:
        if topic == name or (name.endswith(":") and topic.startswith(name)):
            return _in_scope(actor, topic) and (not permission or any(map(actor.may, permission.split("|"))))
    return False


def _in_scope(actor: Actor, topic: str) -> bool:
    kind, _, team = topic.partition(":")
    if kind not in SCOPED or topic == HOUSE_ALERTS:
        return True
    return bool(team) and ":" not in team and (actor.may(EVERYBODY) or team in actor.teams)


def channel(actor: object, topic: str) -> str:
    """The channel on which ``actor`` gets ``topic``."""
    if topic in (MESSAGES, AGENT) and isinstance(actor, Actor):
        return f"{topic} {actor.id}"
    if topic == PULSE and isinstance(actor, Actor):
        return f"{PULSE} {'' if actor.may(EVERYBODY) else ','.join(sorted(actor.teams)) or '-'}"
    if topic == POPS and isinstance(actor, Actor):
        topic = f"{POPS} {actor.id}"
    if topic in (STATUS, AGENTS) or topic.startswith((PLAYBACK, WALLBOARD)):
        return topic
    return topic if isinstance(actor, Actor) and actor.may("numbers.view") else topic + MASKED


class Feed:
    """Owns the hub. ``frame`` wraps a message for the wire, ``first_seq`` as in ``Hub``, ``places`` says who works
    where. ``agent_snapshot`` gives a user's (id) own state, ``agents_snapshot`` everybody's, once they are kept;
    ``plays`` says whether an actor plays the past of a topic, ``playback_snapshot`` gives that; ``wall_snapshot`` what
    a wallboard shows; ``alerts_snapshot`` the open alerts of a topic, with numbers masked or whole. ``soon`` calls back
    after ``GATHER_SECONDS``: where there is one, what changes on the board meanwhile is one message."""

    def __init__(
        self,
        board: Board,
        allowed: Callable[[object, str], bool] = allowed,
        frame: Callable[[bytes], bytes] = bytes,
        first_seq: int | None = None,
        places: Places | None = None,
    ) -> None:
        self.board = board
        self.pops = Pops(places := places or Places(), Writer(board.phone, board.name_of, places))
        self.agent_snapshot: Callable[[str], dict[str, Any]] = lambda _user: {}
        self.agents_snapshot: Callable[[], dict[str, Any]] = dict
        self.plays: Callable[[object, str], bool] = lambda _actor, _topic: False
        self.playback_snapshot: Callable[[str], dict[str, Any]] = lambda _topic: {}
        self.wall_snapshot: Callable[[str], Any] = lambda _topic: None
        self.alerts_snapshot: Callable[[str, bool], dict[str, Any]] = lambda _topic, _masked: {"alerts": {}}
        self.soon: Callable[[Callable[[], None]], object] | None = None
        self._allowed = allowed
        self._logged = self._gathers = self._gathered = False
        self._team_boards, self._pulses = TeamBoards(), Pulses(board)
        self.hub = Hub(self._snapshot, self._may_watch, frame, first_seq, channel=channel)

    def tell(self, events: Iterable[Event | PeopleAtPhones | CallersKnown | DeskTaken | AgentNow]) -> None:
        """Take events in; every screen they concern is told once, with what changed."""
        links: dict[str, Any] = {}
        for event in events:
            if isinstance(event, DeskTaken):
                self.message(event.user, {"kind": "desk", "id": event.extension, "by": event.taken_by})
                continue
            self._logged = self._logged or isinstance(event, CallLogged | CallMerged)
            self.board.apply(event)
            if isinstance(event, AgentNow):
                continue
            self.pops.take(event)
            if isinstance(event, PbxLinkChanged):
                links[event.pbx] = link_row(event)
        if links:
            self.hub.publish(STATUS, {"links": links})
        self._flush()
        self.hub.settle()

    def load(self, calls: Iterable[LiveCall], queues: Iterable[QueueChanged], links: Iterable[PbxLinkChanged]) -> None:
        """Take over how things stand, and tell what that changes."""
        calls = tuple(calls)
        self.board.load(calls, queues, links)
        self.pops.load(calls)
        self.hub.publish(STATUS, {"links": self.board.links()})
        self._logged = True  # what was missed may have been in the log
        self._flush()

    def nudge(self, topic: str, data: dict[str, Any]) -> None:
        """Tell whoever watches a stream that there is news in it."""
        for name in (topic, topic + MASKED):
            self.hub.publish(name, data)

    def message(self, user: str, data: dict[str, Any]) -> None:
        """Tell this user (an id) something that concerns him alone."""
        self.hub.publish(f"{MESSAGES} {user}", data)

    def agent(self, user: str, data: dict[str, Any]) -> None:
        """Tell this user (an id) what changed of his own state: a merge patch."""
        self.hub.publish(f"{AGENT} {user}", data)

    def agents(self, data: dict[str, Any]) -> None:
        """Tell what changed of the colleagues: a merge patch by user."""
        self.hub.publish(AGENTS, data)

    def of_call(self, call_id: str, **more: Any) -> None:
        """Say something more of a call on everybody's card of it, from now until it ends (see ``Pops.add``)."""
        self.pops.add(call_id, **more)
        self._flush_pops()

    def beat(self, now: float) -> None:
        for _ in self.beats(now):
            pass

    def beats(self, now: float) -> Iterator[None]:
        """Tell the day's turn and the time, a part of the clients at each step."""
        self.board.turn(now)
        self._flush()
        self._pulses.beat(self.hub)
        if self._logged:
            self._logged = False
            self.nudge(CALLS, {})
        yield from self.hub.beats(rfc3339(now) or "")

    def _flush(self) -> None:
        self._flush_pops()
        self._gather_board()
        for call_id in self.board.touched():
            for name in (topic := CALL + call_id, topic + MASKED):
                if self.hub.watched(name):
                    self.hub.publish(name, self._call(call_id, name != topic))

    def _flush_pops(self) -> None:
        for user, card in self.pops.flush():
            whole = f"{POPS} {user}"
            self.hub.publish(whole, card)
            if self.hub.watched(whole + MASKED):
                self.hub.publish(whole + MASKED, masked_pop(card))

    def _gather_board(self) -> None:
        if self._gathers:
            self._gathered = True
            return
        self._flush_board()
        if self.soon is not None:
            self._gathers = True
            self.soon(self._let_go)

    def _let_go(self) -> None:
        self._gathers = False
        if self._gathered:
            self._gathered = False
            self._gather_board()
            self.hub.settle()

    def _flush_board(self) -> None:
        watched = self.hub.watched
        whole, masked = watched(BOARD), watched(BOARD + MASKED)
        for team in self._team_boards.teams():
            if not (watched(topic := TEAM_BOARD + team) or watched(topic + MASKED)):
                self._team_boards.forget(team)
        teams = self._team_boards.teams()
        if not (whole or masked or teams):
            self.board.forget()
        elif patch := self.board.patch():
            self._publish_board(BOARD, patch)
            for team in teams:
                if mine := self._team_boards.patch(team, patch, self.board.whole()):
                    self._publish_board(TEAM_BOARD + team, mine)

    def _publish_board(self, topic: str, patch: dict[str, Any]) -> None:
        self.hub.publish(topic, patch)
        if self.hub.watched(topic + MASKED):
            self.hub.publish(topic + MASKED, masked_board(patch))

    def _may_watch(self, actor: object, topic: str) -> bool:
        if topic.endswith(MASKED) or not self._allowed(actor, topic):
            return False
        if topic.startswith(CALL):
            return self._concerns(actor, topic.removeprefix(CALL))
        return not topic.startswith(PLAYBACK) or self.plays(actor, topic)

    def _concerns(self, actor: object, call_id: str) -> bool:
        """A call of one's teams, or that one's own phone has or had a part in; any, for who may see every call."""
        if not isinstance(actor, Actor) or actor.may(EVERYBODY):
            return True
        call = self.board.live(self.board.merged(call_id))
        if call is None:
            return False
        own = any(leg.extension in actor.extensions for leg in call.record.legs if not leg.outside)
        return own or not actor.teams.isdisjoint(self.board.teams_of(call))

    def _snapshot(self, channel: str) -> Any:
        if channel.startswith((PARTY, NUMBER, ABOUT, MESSAGES)) or channel.removesuffix(MASKED) == CALLS:
            return {}
        if channel == STATUS:
            return {"links": self.board.links()}
        if channel.startswith(PULSE + " "):
            return self._pulses.snapshot(channel)
        if channel == AGENTS:
            return self.agents_snapshot()
        if channel.startswith(PLAYBACK):
            return self.playback_snapshot(channel)
        if channel.startswith(TEAM_ALERTS):
            return self.alerts_snapshot(channel.removesuffix(MASKED), channel.endswith(MASKED))
        if channel.startswith(WALLBOARD):
            return self.wall_snapshot(channel)
        if channel.startswith(AGENT + " "):
            return self.agent_snapshot(channel.partition(" ")[2])
        if channel.startswith(POPS + " "):
            return self._pops(channel)
        topic, masked = channel.removesuffix(MASKED), channel.endswith(MASKED)
        if topic.startswith(TEAM_BOARD):
            return self._board(topic, masked)
        self._flush()
        return self._call(topic.removeprefix(CALL), masked)

    def _board(self, topic: str, masked: bool) -> dict[str, Any]:
        self._flush_board()
        board = self.board.whole()
        if topic != BOARD:
            board = self._team_boards.snapshot(topic.removeprefix(TEAM_BOARD), board)
        return masked_board(board) if masked else board

    def _pops(self, channel: str) -> dict[str, Any]:
        self._flush_pops()
        user = channel.removesuffix(MASKED).partition(" ")[2]
        found = self.pops.snapshot(user)
        return {"pops": [masked_pop(card) for card in found["pops"]]} if channel.endswith(MASKED) else found

    def _call(self, call_id: str, masked: bool) -> dict[str, Any] | None:
        told = self.board.call(call_id)
        if not masked:
            return told
        live = self.board.live(call_id)
        return masked_call(told, None if live is None else live.record, self.board.phone)
