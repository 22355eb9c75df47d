"""Application Queue: what a caller lives through in a queue, and what its members hear of it.

Callers wait in order, each rings members as the strategy says (several callers at once, as with
``autofill=yes``), for ``ring_seconds`` per try with a second's pause between tries. Event orders are
those of ``app_queue.c`` as recorded: a phone that does not answer gets two DialEnds, NOANSWER and
CANCEL, and a refusal shows as NOANSWER whatever the phone said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ami_listener.simulator.channel import RINGING, UP
from ami_listener.simulator.dial import Leg, address, pick_up, place, refuse, ring_until, settle
from ami_listener.simulator.dialplan import END
from ami_listener.simulator.life import Detour, HungUp, tell_hangup
from ami_listener.simulator.pbx import ELSEWHERE
from ami_listener.simulator.queues import Entry, Member
from ami_listener.simulator.talk import Conversation, Style
from ami_listener.simulator.truth import SimWait

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

RETRY_SECONDS = 1.0
CLEARED = ("ANSWEREDTIME", "ANSWEREDTIME_MS", "DIALEDTIME", "DIALEDTIME_MS", "QUEUEWAIT", "QUEUEWAIT_MS")


class Visit:
    """One caller's stay in one queue."""

    def __init__(self, pbx: Pbx, caller: Channel, name: str, timeout: float) -> None:
        assert caller.process is not None
        self.pbx, self.caller = pbx, caller
        self.queue = pbx.queues[name]
        self.began, self.until = pbx.now, pbx.now + timeout
        self.entry = Entry(caller, caller.process, pbx.now, len(self.queue.waiting) + 1)
        self.truth = SimWait(name, pbx.now)
        self.legs: list[Leg] = []
        self.members: dict[str, Member] = {}
        self.rang_at = pbx.now
        self.refused = False

    @property
    def held(self) -> int:
        """Seconds in the queue as app_queue counts them: whole ones, by the wall clock."""
        return int(self.pbx.now) - int(self.entry.joined)

    def join(self) -> None:
        queue = self.queue
        queue.waiting.append(self.entry)
        queue.tell_waiting(self.pbx.wire)
        self._on_queue("QueueCallerJoin")
        call = self.caller.call
        if call is not None:
            call.queue_waits.append(self.truth)
            call.queue = call.queue or queue.name

    def _on_queue(self, event: str) -> None:
        queue = self.queue
        position, count = queue.position(self.entry), len(queue.waiting)
        count -= event == "QueueCallerLeave"
        self.pbx.wire.on(event, self.caller, f"Queue: {queue.name}\r\nPosition: {position}\r\nCount: {count}\r\n")

    def leave(self) -> None:
        """Out of the line, whether answered or not; the next one may ring whom this one kept."""
        queue, position = self.queue, self.queue.position(self.entry)
        self._on_queue("QueueCallerLeave")
        queue.waiting.remove(self.entry)
        queue.tell_waiting(self.pbx.wire)
        self.pbx.set_variable(self.caller, "QUEUEPOSITION", str(position))
        self.truth.seconds = self.pbx.now - self.entry.joined
        if queue.available:
            queue.wake(self.pbx.now)

    def wait(self) -> Script:
        """Wait and ring until somebody answers (the leg) or the time is up (None)."""
        pbx = self.pbx
        while pbx.now < self.until:
            members = self.queue.pick(pbx.now, self.entry)
            if not members:
                self.entry.idle = True
                yield self.until - pbx.now
                self.entry.idle = False
                continue
            leg = yield from self._ring(members)
            if leg is not None:
                return leg
            if not self.refused and pbx.now < self.until:
                yield min(RETRY_SECONDS, self.until - pbx.now)
        return None

    def _ring(self, members: list[Member]) -> Script:
        pbx, caller = self.pbx, self.caller
        self.legs, self.members = [], {}
        self.rang_at, self.refused = pbx.now, False
        for member in members:
            self._call(member)
        until = min(pbx.now + self.queue.ring_seconds, self.until)
        leg = yield from ring_until(pbx, self.legs, until, self._rings, self._refuses)
        if leg is None:
            for unanswered in self.legs:
                settle(unanswered, "noanswer")
                self._on_agent("AgentRingNoAnswer", unanswered, f"RingTime: {self._ring_time() * 1000}\r\n")
                pbx.wire.dial("DialEnd", caller, unanswered.channel, "DialStatus: NOANSWER\r\n")
            self.drop(0)
        return leg

    def _call(self, member: Member) -> None:
        pbx, caller = self.pbx, self.caller
        leg = place(pbx, caller, member.device.name, member.device.exten)
        if leg is None:
            return
        self.legs.append(leg)
        self.members[leg.channel.uniqueid] = member
        unaware = leg.channel.dest_headers()
        address(pbx, caller, leg.channel, "AppQueue")
        self._on_agent("AgentCalled", leg, "")
        string = f"DialString: {member.device.name}\r\n"
        pbx.wire.put("DialBegin", caller.headers() + unaware + string)
        if self.queue.strategy != "ringall":
            self._connect(leg)

    def _connect(self, leg: Leg) -> None:
        self.pbx.connect(self.caller, leg.channel.num, leg.channel.cid_name)

    def _rings(self, leg: Leg) -> None:
        pbx = self.pbx
        pbx.set_state(leg.channel, RINGING)
        pbx.wire.newexten(leg.channel, leg.channel.exten, *leg.channel.born_as)
        pbx.wire.on("NewConnectedLine", leg.channel)
        pbx.wire.dial("DialState", self.caller, leg.channel, "DialStatus: RINGING\r\n")

    def _refuses(self, leg: Leg) -> None:
        pbx = self.pbx
        cause, code = refuse(pbx, leg)
        self.refused = True
        pbx.wire.dial("DialEnd", self.caller, leg.channel, "DialStatus: NOANSWER\r\n")
        self._on_agent("AgentRingNoAnswer", leg, f"RingTime: {self._ring_time() * 1000}\r\n")
        pbx.cdr.leg_over(self.caller, leg.channel, "NO ANSWER", pbx.now)
        pbx.hang_up(leg.channel, cause, code, source=leg.channel.name)

    def _ring_time(self) -> int:
        return int(self.pbx.now) - int(self.rang_at)

    def _on_agent(self, event: str, leg: Leg, more: str) -> None:
        if event in self.pbx.wire.skip:
            return
        member = self.members[leg.channel.uniqueid]
        names = f"Queue: {self.queue.name}\r\nInterface: {member.device.name}\r\nMemberName: {member.name}\r\n"
        self.pbx.wire.put(event, self.caller.headers() + leg.channel.dest_headers() + names + more)

    def drop(self, cause: int, spare: Leg | None = None, twice: bool = False) -> None:
        """Take down the legs but ``spare``; ``twice``: a caller who leaves is told of with two CANCELs."""
        pbx = self.pbx
        for leg in self.legs:
            if leg is spare:
                continue
            settle(leg, "cancelled")
            for _ in range(1 + twice):
                pbx.wire.dial("DialEnd", self.caller, leg.channel, "DialStatus: CANCEL\r\n")
            pbx.cdr.leg_over(self.caller, leg.channel, "NO ANSWER", pbx.now)
            pbx.hang_up(leg.channel, cause)
        self.legs = [spare] if spare is not None else []

    def abandon(self, left: bool) -> None:
        """Nobody answered: the caller ``left``, or the queue's own time is up (told in another order)."""
        if left:
            self._tell_times()
            self._tell_abandoned()
        else:
            self._tell_abandoned()
            self._tell_times()
        self.queue.abandoned += 1
        self.leave()

    def _tell_times(self) -> None:
        pbx, caller = self.pbx, self.caller
        for name, value in (("QUEUEWAIT", self.held), ("QUEUEWAIT_MS", self.held * 1000)):
            pbx.set_variable(caller, name, str(value))
        for name, seconds in (("DIALEDTIME", pbx.now - self.began), ("ANSWEREDTIME", 0.0)):
            pbx.set_variable(caller, name, str(int(seconds)))
            pbx.set_variable(caller, f"{name}_MS", str(int(seconds * 1000)))

    def _tell_abandoned(self) -> None:
        queue = self.queue
        self.pbx.set_variable(self.caller, "ABANDONED", "TRUE")
        where = f"Position: {queue.position(self.entry)}\r\nOriginalPosition: {self.entry.original_position}\r\n"
        body = f"Queue: {queue.name}\r\n{where}HoldTime: {self.held}\r\n"
        self.pbx.wire.on("QueueCallerAbandon", self.caller, body)

    def answered(self, leg: Leg) -> Member:
        pbx, caller, queue = self.pbx, self.caller, self.queue
        member, ring_time = self.members[leg.channel.uniqueid], self._ring_time()
        pick_up(pbx, leg)
        pbx.wire.dial("DialEnd", caller, leg.channel, "DialStatus: ANSWER\r\n")
        if queue.strategy == "ringall":
            self._connect(leg)
        self.drop(ELSEWHERE, spare=leg)
        pbx.cdr.leg_over(caller, leg.channel, "ANSWERED", pbx.now)
        self.leave()
        self.truth.answered = True
        queue.answered(pbx.now - self.entry.joined)
        pbx.set_variable(caller, "QUEUEWAIT", str(self.held))
        pbx.set_variable(caller, "QUEUEWAIT_MS", str(self.held * 1000))
        self._on_agent("AgentConnect", leg, f"HoldTime: {self.held}\r\nRingTime: {ring_time}\r\n")
        bridge = pbx.new_bridge()
        pbx.enter(bridge, leg.channel)
        pbx.enter(bridge, caller)
        return member

    def talk(self, leg: Leg, member: Member) -> Script:
        held, since = self.held, self.pbx.now
        told = False

        def ended(reason: str) -> None:
            nonlocal told
            if not told:
                told = True
                seconds = int(self.pbx.now) - int(since)
                self._finished(member, seconds)
                figures = f"HoldTime: {held}\r\nTalkTime: {seconds}\r\nReason: {reason}\r\n"
                self._on_agent("AgentComplete", leg, figures)

        return (yield from Conversation(self.pbx, self.caller, leg.channel, Style(False, ended), self.began).run())

    def _finished(self, member: Member, seconds: int) -> None:
        now = self.pbx.now
        self.queue.finished(seconds)
        member.calls_taken += 1
        member.last_call = int(now)
        if self.queue.wrap_up:
            member.free_from = now + self.queue.wrap_up
            self.pbx.schedule.call_in(self.queue.wrap_up, lambda: self.queue.wake(self.pbx.now))


def queue_app(pbx: Pbx, caller: Channel, data: str) -> Script:
    """Application Queue: ``name,options,,,seconds``."""
    name, _, rest = data.partition(",")
    pbx.varsets(caller, *CLEARED)
    visit = Visit(pbx, caller, name, float(rest.rpartition(",")[2] or 3600))
    visit.join()
    try:
        leg = yield from visit.wait()
    except HungUp as end:
        tell_hangup(pbx, caller, end)
        visit.drop(0, twice=True)
        caller.variables["DIALSTATUS"] = "CANCEL"
        visit.abandon(left=True)
        raise
    except Detour:
        visit.drop(0)
        visit.leave()
        raise
    if leg is None:
        visit.abandon(left=False)
        pbx.set_variable(caller, "QUEUESTATUS", "TIMEOUT")
        return None
    assert caller.state == UP
    member = visit.answered(leg)
    yield from visit.talk(leg, member)
    return END
