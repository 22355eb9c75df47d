"""Facts in, calls and events out. Sans-I/O: no clock, no bus, no thread.

``apply`` takes one fact, ``take`` gives the events since the last ``take``: a call that changed ten times
in one read is told once, as it is. Nothing raises on what a PBX may say: oddities are counted, and what
matters asks for a resync.

Neighbours: ``ami_listener.translate`` makes the facts; ``cti.app`` publishes the events on the bus.
"""

from __future__ import annotations

from collections import Counter

from cti.live import events, inventory, life, moves, pbx, resync, talk
from cti.live.board import Board, Handler
from cti.live.parties import Party, consult_of, parties_of
from cti.live.profile import Profile
from cti.live.record import CallRecord
from cti.live.steady import LEAP_SECONDS
from cti.live.summary import live_call, record_of

HANDLERS: dict[type, Handler] = {
    **life.HANDLERS,
    **talk.HANDLERS,
    **moves.HANDLERS,
    **resync.HANDLERS,
    pbx.MemberChanged: lambda board, f: board.queues.member(f),
    inventory.DeviceStateTold: lambda board, f: board.directory.state(f),
    inventory.MessagesWaiting: lambda board, f: board.directory.waiting(f),
    inventory.DirectoryListed: lambda board, f: board.directory.listed(f),
}


class Tracker:
    """The calls of one PBX."""

    def __init__(self, pbx_name: str, profile: Profile | None = None) -> None:
        self.board = Board(pbx_name, profile or Profile())

    @property
    def oddities(self) -> Counter[str]:
        """What should not have been, counted by kind."""
        return self.board.oddities

    @property
    def now(self) -> float:
        """The latest time that a fact told, epoch seconds."""
        return self.board.now

    def apply(self, fact: pbx.Fact) -> None:
        """Take one fact in."""
        board = self.board
        board.facts += 1
        time = board.time
        if not time.leaps and 0.0 <= fact.at - time.now < LEAP_SECONDS:
            time.now = fact.at
        else:
            time.see(fact.at)
        HANDLERS[type(fact)](board, fact)
        if board.suspects and type(fact) is not pbx.ChannelsListed:
            resync.settle_suspects(board)

    def tick(self, now: float) -> None:
        """Let time pass where no fact comes: suspected ghosts are settled."""
        self.board.time.pass_to(now)
        if self.board.suspects:
            resync.settle_suspects(self.board)

    def take(self) -> list[events.Event]:
        """Events since the last call, each changed call told once."""
        board = self.board
        out: list[events.Event] = list(board.merges)
        board.merges.clear()
        for call in board.dirty.values():
            if call.live and call.first is not None:
                kind = events.CallChanged if call.told else events.CallStarted
                out.append(kind(board.now, live_call(board, call)))
                call.told = True
        board.dirty.clear()
        out += [events.CallEnded(board.now, record) for record in self._finished()]
        out += board.orders
        board.orders.clear()
        out += board.queues.take(board.now)
        out += board.directory.take()
        if board.resync_wanted is not None:
            out.append(events.ResyncNeeded(board.pbx, board.now, board.resync_wanted))
            board.resync_wanted = None
        return out

    def take_records(self) -> list[CallRecord]:
        """Only the records of calls that ended since the last call (replay needs no live views)."""
        self.board.merges.clear()
        self.board.orders.clear()
        self.board.dirty.clear()
        self.board.queues.take(self.board.now)
        return self._finished()

    def queues_changed(self) -> list[events.QueueChanged]:
        """Only the queues that changed since the last call; what happened to calls is still to be taken."""
        return self.board.queues.take(self.board.now)

    def pass_over(self) -> None:
        """Nobody wants to hear of what has happened to calls: who is on his way to a moment in the past asks for the
        ``snapshot`` there."""
        board = self.board
        for untold in (board.merges, board.orders, board.dirty, board.finished):
            untold.clear()
        board.directory.take()
        board.resync_wanted = None
        board.forget()

    def _finished(self) -> list[CallRecord]:
        board = self.board
        if not board.finished:
            board.forget()
            return []
        done = [record_of(board, c) for c in board.finished.values() if not c.live and c.first is not None]
        board.finished.clear()
        board.forget()
        return done

    def snapshot(self) -> list[events.LiveCall]:
        """Every call that is up, in order of start."""
        calls = [c for c in self.board.calls.values() if c.live and c.first is not None]
        return [live_call(self.board, c) for c in sorted(calls, key=lambda c: c.started_at)]

    def live(self, call_id: str) -> events.LiveCall | None:
        """A call as it is now, which the bus may not have told yet; None if it is not up."""
        call = self.board.calls.get(call_id)
        return live_call(self.board, call) if call is not None and call.live and call.first is not None else None

    def parties(self, call_id: str) -> tuple[Party, ...]:
        """Who is in a call now; nobody if it is not up."""
        call = self.board.calls.get(call_id)
        return parties_of(self.board, call) if call is not None else ()

    def channel(self, uniqueid: str) -> str | None:
        """The name of a channel that is up, whatever it is there for."""
        channel = self.board.channels.get(uniqueid)
        return channel.chan.name if channel is not None and channel.ended_at is None else None

    def consult(self, call_id: str) -> events.LiveConsult | None:
        """The consultation that goes on in a call."""
        call = self.board.calls.get(call_id)
        return consult_of(call) if call is not None else None

    def queues(self) -> list[events.QueueChanged]:
        """Every queue as it is."""
        return self.board.queues.snapshot(self.board.now)
