"""Ringing phones and lines, and application Dial.

``ring_until`` is shared with the queue: it waits until one of several rung legs answers, all refuse,
or the time is up. What each ringing, refusal or cancellation sends is the application's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ami_listener.simulator.behaviour import Response
from ami_listener.simulator.channel import DOWN, RINGING, UP, Channel
from ami_listener.simulator.dialplan import END
from ami_listener.simulator.life import Detour, HungUp, Left, LocalUp, tell_hangup
from ami_listener.simulator.pbx import ELSEWHERE, INTERWORKING, NORMAL, REJECTED, USER_BUSY
from ami_listener.simulator.talk import Conversation, Style

if TYPE_CHECKING:
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

NEVER = float("inf")
BUSY_NOW = Response("busy", 0.03, 0.05)
CLEARED = (
    "DIALSTATUS",
    "DIALEDPEERNUMBER",
    "DIALEDPEERNAME",
    "ANSWEREDTIME",
    "ANSWEREDTIME_MS",
    "DIALEDTIME",
    "DIALEDTIME_MS",
    "RINGTIME",
    "RINGTIME_MS",
    "PROGRESSTIME",
    "PROGRESSTIME_MS",
)


class Leg:
    """A dialled channel, what its owner will do with it, and when (epoch seconds)."""

    __slots__ = ("channel", "offered_at", "response", "ringing", "string")

    def __init__(self, channel: Channel, string: str, response: Response, now: float) -> None:
        self.channel, self.string, self.response = channel, string, response
        self.offered_at = now
        self.ringing = False

    @property
    def next_at(self) -> float:
        response = self.response
        acts_after = NEVER if response.kind == "ignore" else response.after
        if not self.ringing and response.rings_after <= acts_after:
            return self.offered_at + response.rings_after
        return self.offered_at + acts_after


def place(pbx: Pbx, near: Channel, device_name: str, string: str) -> Leg | None:
    """Create the channel for one destination; a phone that is in a call says busy. None: no such device."""
    device = pbx.devices.get(device_name)
    if device is None:
        return None
    occupied = bool(device.channels) and not device.many
    channel = pbx.create(device, DOWN, device.context, "s", near)
    channel.owner = near.process
    channel.ani = channel.num
    pbx.announce(channel)
    for name, value in near.inherited.items():
        pbx.wire.varset(channel, name, value)
    pbx.wire.varset(channel, "DIALEDPEERNUMBER", string)
    if channel.call is not None:
        channel.call.rang(channel, pbx.now)
    pbx.cdr.dialled(near, channel, pbx.now)
    response = BUSY_NOW if occupied else pbx.behaviour.responds(channel, near)
    return Leg(channel, string, response, pbx.now)


def address(pbx: Pbx, near: Channel, leg: Channel, app: str) -> None:
    """The leg learns who calls and what was dialled, as an outgoing line of ``app``."""
    leg.born_as = (app, "(Outgoing Line)")
    leg.app, leg.app_data = leg.born_as
    leg.move(leg.context, near.exten)
    leg.connect(near.num, near.cid_name)
    if leg.outside:
        leg.num, leg.cid_name = near.exten, near.conn_name
        leg.touch()


def ring_until(
    pbx: Pbx, legs: list[Leg], until: float, rings: Callable[[Leg], None], refuses: Callable[[Leg], None]
) -> Script:
    """Let them ring; the answer is the leg that answered, or None. Refused legs are taken from ``legs``."""
    while legs:
        due = min(leg.next_at for leg in legs)
        message = yield min(due, until) - pbx.now
        if isinstance(message, Left):
            for leg in [leg for leg in legs if leg.channel is message.channel]:
                legs.remove(leg)
                leg.response = leg.response._replace(kind="ignore")
                refuses(leg)
            continue
        for leg in [leg for leg in legs if leg.next_at <= pbx.now]:
            if not leg.ringing and leg.next_at == leg.offered_at + leg.response.rings_after:
                leg.ringing = True
                rings(leg)
            elif leg.response.kind == "answer":
                return leg
            else:
                legs.remove(leg)
                refuses(leg)
        if pbx.now >= until:
            return None
    return None


def refuse(pbx: Pbx, leg: Leg) -> tuple[int, int]:
    """A leg says no: busy, declined, or it was taken down; the answer is its cause and SIP code."""
    kind = leg.response.kind
    cause, code = {"busy": (USER_BUSY, 486), "decline": (REJECTED, 603)}.get(kind, (NORMAL, 0))
    if code:
        pbx.hangup_request(leg.channel, cause, code)
    else:
        pbx.soft_hangup(leg.channel)
    if leg.channel.call is not None:
        result = {"busy": "busy", "decline": "declined"}.get(kind, "cancelled")
        leg.channel.call.leg_result(leg.channel, result)
    return cause, code


def pick_up(pbx: Pbx, leg: Leg) -> None:
    """A leg answers."""
    pbx.answer(leg.channel)
    if leg.channel.call is not None:
        leg.channel.call.leg_answered(leg.channel, pbx.now)


def settle(leg: Leg, result: str) -> None:
    """Note in the truth how an unanswered leg ended."""
    if leg.channel.call is not None:
        leg.channel.call.leg_result(leg.channel, result)


class Dialling:
    """One run of Dial, from the first leg to the answer."""

    def __init__(self, pbx: Pbx, near: Channel) -> None:
        self.pbx, self.near = pbx, near
        self.began = pbx.now
        self.legs: list[Leg] = []
        self.status = "CHANUNAVAIL"
        self.group = False
        self._rang = False

    def place(self, destinations: list[str]) -> None:
        pbx, near = self.pbx, self.near
        for destination in destinations:
            technology, _, rest = destination.partition("/")
            number, _, trunk = rest.partition("@")
            leg = place(pbx, near, f"{technology}/{trunk or number}", rest)
            if leg is None:
                continue
            self.legs.append(leg)
            address(pbx, near, leg.channel, "AppDial")
            pbx.wire.newexten(leg.channel, near.exten, *leg.channel.born_as)
            if leg.channel.outside:
                pbx.wire.caller_id(leg.channel)
            pbx.wire.on("NewConnectedLine", leg.channel)
        self.group = len(self.legs) > 1
        for leg in self.legs:
            pbx.wire.dial("DialBegin", near, leg.channel, f"DialString: {leg.string}\r\n")
            if not self.group:
                self._connect(leg)

    def _connect(self, leg: Leg) -> None:
        self.pbx.connect(self.near, leg.channel.num, leg.channel.cid_name)

    def rings(self, leg: Leg) -> None:
        pbx, near = self.pbx, self.near
        pbx.set_state(leg.channel, RINGING)
        if not self._rang:
            self._rang = True
            pbx.set_variable(near, "RINGTIME", str(int(pbx.now - self.began)))
            pbx.set_variable(near, "RINGTIME_MS", str(int((pbx.now - self.began) * 1000)))
        pbx.wire.dial("DialState", near, leg.channel, "DialStatus: RINGING\r\n")
        half = near.other_half
        if half is not None:
            half.num, half.cid_name = leg.channel.num, leg.channel.cid_name
            pbx.set_state(half, RINGING)
            pbx.wire.caller_id(half)
            self._tell_consulter(half)
            pbx.wire.dial("DialState", None, half, "DialStatus: RINGING\r\n")

    def _tell_consulter(self, half: Channel) -> None:
        """Whoever is bridged with a Local half learns whom the other half rings."""
        for member in half.bridge.members if half.bridge is not None else ():
            if member is not half:
                self.pbx.connect(member, half.num, half.cid_name)

    def refuses(self, leg: Leg) -> None:
        pbx = self.pbx
        cause, code = refuse(pbx, leg)
        self.status = "BUSY" if cause == USER_BUSY else "NOANSWER" if cause == REJECTED else "CANCEL"
        pbx.wire.dial("DialEnd", self.near, leg.channel, f"DialStatus: {self.status}\r\n")
        if not self.legs:
            self.near.cause, self.near.tech_cause = cause, code
        pbx.cdr.leg_over(self.near, leg.channel, "BUSY" if cause == USER_BUSY else "NO ANSWER", pbx.now)
        pbx.hang_up(leg.channel, cause, code, source=leg.channel.name)

    def drop(self, status: str, cause: int, code: int = 0, spare: Leg | None = None) -> None:
        """End all legs but ``spare``."""
        pbx = self.pbx
        for leg in self.legs:
            if leg is spare:
                continue
            settle(leg, "noanswer" if status == "NOANSWER" else "cancelled")
            pbx.wire.dial("DialEnd", self.near, leg.channel, f"DialStatus: {status}\r\n")
            pbx.cdr.leg_over(self.near, leg.channel, "NO ANSWER", pbx.now)
            pbx.hang_up(leg.channel, cause, code)
        self.legs = [spare] if spare is not None else []

    def cancelled(self, end: HungUp) -> None:
        """The one who dials gives up. A call that was never answered ends with SIP 487."""
        near = self.near
        unanswered = near.state != UP
        if end.by == "phone" and unanswered:
            end.told = True
            self.pbx.hangup_request(near, INTERWORKING, 487)
        tell_hangup(self.pbx, near, end)
        self.drop("CANCEL", *((INTERWORKING, 500) if unanswered else (NORMAL, 0)))
        self.pbx.set_variable(near, "DIALSTATUS", "CANCEL")
        if unanswered:
            near.cause, near.tech_cause = INTERWORKING, 487

    def answered(self, leg: Leg) -> None:
        pbx, near = self.pbx, self.near
        pick_up(pbx, leg)
        if self.group:
            self._connect(leg)
        self.drop("CANCEL", ELSEWHERE, spare=leg)
        for name, value in (
            ("DIALSTATUS", "ANSWER"),
            ("DIALEDPEERNAME", leg.channel.name),
            ("DIALEDPEERNUMBER", leg.string),
        ):
            pbx.set_variable(near, name, value)
        leg.channel.move(leg.channel.context, "")
        pbx.wire.dial("DialEnd", near, leg.channel, "DialStatus: ANSWER\r\n")
        pbx.cdr.leg_over(near, leg.channel, "ANSWERED", pbx.now)
        pbx.answer(near)
        self._local_up(leg)
        bridge = pbx.new_bridge()
        pbx.wire.newexten(leg.channel, "", *leg.channel.born_as)
        pbx.enter(bridge, leg.channel)
        pbx.enter(bridge, near)

    def _local_up(self, leg: Leg) -> None:
        half = self.near.other_half
        if half is None:
            return
        self.pbx.answer(half)
        self.pbx.wire.dial("DialEnd", None, half, "DialStatus: ANSWER\r\n")
        if self.near.watcher is not None:
            self.near.watcher.post(LocalUp(self.near, leg.channel))


def dial(pbx: Pbx, near: Channel, data: str) -> Script:
    """Application Dial: ``destination&destination,seconds,options``."""
    destinations, _, rest = data.partition(",")
    seconds = rest.partition(",")[0]
    pbx.varsets(near, *CLEARED)
    dialling = Dialling(pbx, near)
    dialling.place(destinations.split("&"))
    until = pbx.now + float(seconds or 60)
    try:
        leg = yield from ring_until(pbx, dialling.legs, until, dialling.rings, dialling.refuses)
    except HungUp as end:
        dialling.cancelled(end)
        raise
    except Detour:
        dialling.drop("CANCEL", NORMAL)
        raise
    if leg is None:
        if dialling.legs:
            dialling.drop("NOANSWER", 0)
            dialling.status = "NOANSWER"
        pbx.set_variable(near, "DIALSTATUS", dialling.status)
        return None
    dialling.answered(leg)
    yield from Conversation(pbx, near, leg.channel, Style(dial=True), dialling.began).run()
    return END
