"""The life of a channel that runs a dialplan, and the messages that scripts send one another.

``live`` is the outermost script of such a channel: it runs what the dialplan says until it ends, is
sent elsewhere (``Detour``) or is hung up (``HungUp``), and then buries the channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script
    from ami_listener.simulator.truth import SimCall

By = Literal["phone", "command", "moved"]
"""Who ended it: the far side of the channel, an AMI action; or it was sent elsewhere."""


class HungUp(Exception):  # noqa: N818 (news, not an error)
    """Raised in the script of a channel that is hung up. ``told``: HangupRequest was sent, by an application
    that has more to say of it; else ``live`` sends it."""

    def __init__(self, by: By) -> None:
        super().__init__(by)
        self.by, self.told = by, False


DIALPLAN = "dialplan/builtin"
"""The source of a hang-up that nobody asked for: the dialplan was over (pbx.c)."""


class Detour(Exception):  # noqa: N818 (news, not an error)
    """Raised in the script of a channel that is to go on with another script. ``keep_far``: whoever it
    talked with is taken care of; else they are hung up. ``parks``: its application is not over yet."""

    def __init__(self, script: Script, keep_far: bool = False, parks: bool = False) -> None:
        super().__init__()
        self.script, self.keep_far, self.parks = script, keep_far, parks


class Left(NamedTuple):
    """A channel that this script dialled, or is joined with, is going."""

    channel: Channel
    by: By


class LocalUp(NamedTuple):
    """Behind the Local half ``half``, ``leg`` has answered."""

    half: Channel
    leg: Channel


class LocalGone(NamedTuple):
    """This half of a Local pair is no more."""

    half: Channel


class Released(NamedTuple):
    """End without a word: others carry on with those you were joined with."""


def hang(pbx: Pbx, channel: Channel, by: By = "phone") -> None:
    """Somebody hangs up this channel: whoever is in charge of it is told."""
    if channel.gone:
        return
    owner = channel.owner or channel.process
    if owner is None or owner.done:
        pbx.hang_up(channel, 16)
    elif owner is channel.process:
        owner.post(HungUp(by))
    else:
        owner.post(Left(channel, by))


def finish(pbx: Pbx, channel: Channel, source: str) -> None:
    """A talk is over for this channel: bury it, by its own script if it has one."""
    channel.cause = 16
    if channel.process is not None and not channel.process.done:
        channel.process.post(HungUp("moved"))
    else:
        pbx.tell_quality(channel)
        pbx.hang_up(channel, 16, source=source)


def start(pbx: Pbx, channel: Channel, script: Script) -> None:
    """Run ``script`` as the life of this channel, if it is still there."""
    if channel.gone:
        script.close()
        return
    channel.process = channel.owner = pbx.schedule.spawn(live(pbx, channel, script))


def send_to(pbx: Pbx, channel: Channel, script: Script, keep_far: bool = False, parks: bool = False) -> None:
    """Let the channel go on with ``script``, whatever it does now."""
    if channel.owner is not None and channel.owner is not channel.process:
        channel.owner.post(Left(channel, "moved"))
    if channel.process is not None and not channel.process.done:
        channel.owner = channel.process
        channel.process.post(Detour(script, keep_far, parks))
    else:
        start(pbx, channel, script)


def live(pbx: Pbx, channel: Channel, script: Script) -> Script:
    by_itself, source = False, channel.name
    while True:
        try:
            yield from script
        except Detour as detour:
            script = detour.script
        except HungUp as end:
            tell_hangup(pbx, channel, end)
            blame(channel, channel, end.by)
            break
        else:
            by_itself, source = channel.app == "Hangup", DIALPLAN
            break
    if not channel.gone:
        bury(pbx, channel, source, by_itself)


def tell_hangup(pbx: Pbx, channel: Channel, end: HungUp, other: Channel | None = None, cause: int = 0) -> None:
    """The far side of the channel hung up: its sound's figures and HangupRequest, once."""
    if end.by == "phone" and not end.told:
        end.told = True
        pbx.tell_quality(channel, other)
        pbx.hangup_request(channel, cause)


def bury(pbx: Pbx, channel: Channel, source: str, by_itself: bool = False) -> None:
    """The end of a channel that ran a dialplan: its ``h`` extension, then the hang-up by ``source``. An originated
    channel whose dialplan ended ``by_itself`` is once more shown with the application that it was born with."""
    pbx.soft_hangup(channel, channel.tech_cause if channel.cause == 127 else 0)
    if channel.answered_at is not None and pbx.dialplan.steps(channel.context, "h"):
        channel.move(channel.context, "h")
        pbx.wire.newexten(channel, "h", "NoOp", "")
        channel.move(channel.context, "h", 2)
    pbx.tell_quality(channel)
    if by_itself and channel.born_as[0]:
        pbx.wire.newexten(channel, channel.exten, *channel.born_as)
    pbx.hang_up(channel, source=source)


def side(call: SimCall, channel: Channel) -> str:
    """Which party of the call a channel is, in the words of the call record."""
    if call.direction == "internal":
        return "caller" if channel.uniqueid == call.linkedid else "callee"
    if channel.outside:
        return "caller" if call.direction == "inbound" else "callee"
    return "agent"


def blame(channel: Channel, who: Channel, by: By) -> None:
    """Note in the truth who ended the call, as far as is known now; Local halves end nothing by themselves."""
    call = channel.call
    if call is not None and by != "moved" and not who.local and call.hung_up_by is None:
        call.hung_up_by = "system" if by == "command" else side(call, who)
