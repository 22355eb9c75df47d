"""Two parties joined in a bridge: the talk, what is done in it, and how it ends.

``Conversation`` runs in the script of the channel that dialled (``near``); ``far`` is the one who
answered. It follows the plan that ``behaviour`` makes, and listens for hang-ups, transfers and
commands meanwhile. An attended transfer takes one of the two away for a while (``consult``).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from ami_listener.simulator.behaviour import Deed, Talk
from ami_listener.simulator.dialplan import END
from ami_listener.simulator.life import By, Detour, HungUp, Left, Released, blame, finish, tell_hangup

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.consult import Consult
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

Ended = Literal["time", "over", "replaced"]


class Style(NamedTuple):
    """What the application adds: whether it sets DIALSTATUS, and whom it tells of the end
    (``caller``, ``agent`` or ``transfer``)."""

    dial: bool
    ended: Callable[[str], None] = lambda reason: None


class Consulting(NamedTuple):
    """One of the two goes to talk with a third; ``consult`` knows how it goes on."""

    consult: Consult


class Returned(NamedTuple):
    """The one who consulted is back."""


class Conversation:
    def __init__(self, pbx: Pbx, near: Channel, far: Channel, style: Style, dialled_at: float) -> None:
        self.pbx, self.near, self.far, self.style = pbx, near, far, style
        self.dialled_at, self.since = dialled_at, pbx.now
        self.consult: Consult | None = None

    def run(self) -> Script:
        """The talk from its first word; returns when the channel that dialled has nothing left to do."""
        if self.near.patience is not None:
            self.near.patience.cancel()
        try:
            over: Ended = "replaced"
            while over == "replaced":
                over = yield from self._follow(self.pbx.behaviour.talks(self.near, self.far))
        except HungUp as end:
            self._near_hung(end)
            raise
        except Detour as detour:
            self._near_moved(detour)
            raise
        return END

    def _follow(self, plan: Talk) -> Script:
        """Do what the plan says, each thing at its time; its end is the end of the talk."""
        start = self.pbx.now
        agenda: list[tuple[float, int, Deed | None]] = [
            (start + deed.at, index, deed) for index, deed in enumerate(plan.deeds)
        ]
        agenda.append((start + plan.seconds, len(agenda), None))
        heapq.heapify(agenda)
        while agenda:
            when, index, deed = heapq.heappop(agenda)
            result = yield from self._until(when)
            if result != "time":
                return result
            if deed is not None:
                later = self.pbx.do(self.pbx, self, deed)
                if later is not None:
                    heapq.heappush(agenda, (self.pbx.now + later.at, -index, later))
        if plan.ends == "near":
            raise HungUp("phone")
        self._far_hung("phone")
        return "over"

    def _until(self, when: float) -> Script:
        """Wait; a hang-up or a transfer of the far side may come first."""
        while self.pbx.now < when:
            message = yield when - self.pbx.now
            if message is None:
                return "time"
            result = self._hear(message)
            if result is not None:
                return result
            if self.consult is not None:
                away = self.pbx.now
                result = yield from self._while_away()
                if result is not None:
                    return result
                when += self.pbx.now - away
        return "time"

    def _hear(self, message: object) -> Ended | None:
        if isinstance(message, Released):
            self._tell_times()
            return "over"
        if isinstance(message, Consulting):
            self.consult = message.consult
        elif isinstance(message, Left) and message.channel is self.far:
            self._far_gone(message.by)
            return "over"
        return None

    def _while_away(self) -> Script:
        """One of the two consults: until they are back, or leave the talk to the third."""
        while True:
            message = yield None
            consult = self.consult
            if consult is None:
                continue
            if isinstance(message, Returned):
                self.consult = None
                return None
            if isinstance(message, Left) and message.channel is self.far:
                result = self._far_left_consulting(consult, message.by)
                if result is not None:
                    return result

    def _far_left_consulting(self, consult: Consult, by: By) -> Ended | None:
        """None: the near side is being sent after the third party, and learns it by a detour."""
        self.consult = None
        if not consult.begun:
            consult.over = True
        if not consult.begun or consult.transferer is not self.far:
            if consult.begun:
                consult.customer_gone()
            self._far_gone(by)
            return "over"
        if by == "moved":
            consult.dissolve()
            self._far_moved()
            return "over"
        target = consult.complete(by)
        if target is None:
            return None
        self.style.ended("transfer")
        self.far = target
        target.owner = self.near.process
        return "replaced"

    def _near_hung(self, end: HungUp) -> None:
        pbx, near, far = self.pbx, self.near, self.far
        consult, self.consult = self.consult, None
        if consult is not None and not consult.begun:
            consult.over = True
            consult = None
        if consult is not None and consult.transferer is near:
            consult.complete(end.by)
            end.by = "moved"
            return
        tell_hangup(pbx, near, end, far, 16 if self.style.dial else 0)
        if consult is not None:
            consult.customer_gone()
        self.style.ended("caller")
        pbx.leave(near)
        if consult is None:
            pbx.leave(far)
        self._tell_times()
        near.cause = 16
        if consult is None:
            finish(pbx, far, near.name)

    def _far_gone(self, by: By) -> None:
        if by == "moved":
            self._far_moved()
        else:
            self._far_hung(by)

    def _far_hung(self, by: By) -> None:
        pbx, near, far = self.pbx, self.near, self.far
        if by == "phone":
            pbx.tell_quality(far, near)
            pbx.hangup_request(far, 16 if self.style.dial else 0)
        else:
            pbx.soft_hangup(far)
        self.style.ended("agent")
        blame(near, far, by)
        pbx.leave(far)
        pbx.leave(near)
        self._tell_times()
        near.cause = 16
        finish(pbx, far, far.name)

    def _far_moved(self) -> None:
        """The far side was sent elsewhere and has left the bridge; the near one has nobody to talk to."""
        self.style.ended("transfer")
        self.pbx.leave(self.far)
        self.pbx.leave(self.near)
        self._tell_times()
        self.near.cause = 16

    def _near_moved(self, detour: Detour) -> None:
        pbx, near, far = self.pbx, self.near, self.far
        consult, self.consult = self.consult, None
        self.style.ended("transfer")
        far_consults = False
        if consult is not None and not consult.begun:
            consult.over = True
        elif consult is not None:
            far_consults = consult.transferer is far
            consult.dissolve()
            if far_consults:
                finish(pbx, far, "")
        pbx.leave(near)
        pbx.cdr.part(near, pbx.now)
        if self.style.dial and not detour.parks:
            pbx.set_variable(near, "DIALSTATUS", "ANSWER")
        if not detour.keep_far and not far.gone and not far_consults:
            pbx.leave(far)
            finish(pbx, far, "")

    def _tell_times(self) -> None:
        pbx, near = self.pbx, self.near
        talked, dialled = pbx.now - self.since, pbx.now - self.dialled_at
        pbx.cdr.part(near, pbx.now)
        for name, seconds in (("ANSWEREDTIME", talked), ("DIALEDTIME", dialled)):
            pbx.wire.varset(near, name, str(int(seconds)))
            pbx.wire.varset(near, f"{name}_MS", str(int(seconds * 1000)))
        if self.style.dial:
            pbx.set_variable(near, "DIALSTATUS", "ANSWER")
