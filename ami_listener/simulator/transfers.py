"""What one side of a talk does to the other: hold, blind transfer, redirect, digits, parking.

Both the plan of a talk (``do``) and the actions of AMI clients end up here. Attended transfers have
a module of their own, ``consult``; what a parked caller lives through is in ``parking``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ami_listener.simulator.behaviour import Deed
from ami_listener.simulator.consult import begin_consult
from ami_listener.simulator.dialplan import go_to
from ami_listener.simulator.life import finish
from ami_listener.simulator.parking import park
from ami_listener.simulator.truth import SimTransfer

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.talk import Conversation

KEY_MS = 160


def do(pbx: Pbx, talk: Conversation, deed: Deed) -> Deed | None:
    """Do one thing of a talk's plan; the answer is what must follow it, if anything. Nobody transfers to a
    colleague whose lamp is on."""
    agent, party = (talk.far, talk.near) if talk.near.outside else (talk.near, talk.far)
    colleague = pbx.devices.get(f"PJSIP/{deed.to}")
    if deed.kind in ("blind", "attended") and colleague is not None and colleague.channels:
        return None
    if deed.kind == "hold":
        hold(pbx, agent)
        return Deed(deed.seconds, "unhold")
    if deed.kind == "unhold":
        unhold(pbx, agent)
    elif deed.kind == "blind":
        blind(pbx, agent, party, "internal", deed.to)
    elif deed.kind == "attended":
        begin_consult(pbx, agent, party, "internal", deed.to, deed)
    elif deed.kind == "park":
        park(pbx, party, agent, deed=deed)
    else:
        press(pbx, party, agent, deed.to)
    return None


def peer_of(channel: Channel) -> Channel | None:
    """Whom a channel talks with, if it talks with exactly one, and not through a Local pair."""
    bridge = channel.bridge
    if bridge is None or len(bridge.members) != 2 or bridge.type != "basic":
        return None
    if any(member.local for member in bridge.members):
        return None
    return next(c for c in bridge.members if c is not channel)


def hold(pbx: Pbx, channel: Channel) -> None:
    pbx.wire.on("Hold", channel, "MusicClass: default\r\n")
    if channel.call is not None:
        channel.call.held(channel, pbx.now)


def unhold(pbx: Pbx, channel: Channel) -> None:
    pbx.wire.on("Unhold", channel)
    if channel.call is not None:
        channel.call.unheld(channel, pbx.now)


def press(pbx: Pbx, channel: Channel, heard_by: Channel, digit: str) -> None:
    """A key pressed during a talk, told by SIP INFO (an end without a beginning) and played to the other side."""
    figures = f"Digit: {digit}\r\nDurationMs: {KEY_MS}\r\n"
    pbx.cel.put("DTMF", channel, "", f'{{"digit":"{digit}","duration_ms":{KEY_MS}}}')
    pbx.wire.on("DTMFEnd", channel, f"{figures}Direction: Received\r\n")
    pbx.wire.on("DTMFBegin", heard_by, f"Digit: {digit}\r\nDirection: Sent\r\n")

    def release() -> None:
        if not heard_by.gone:
            pbx.cel.put("DTMF", heard_by, "", f'{{"digit":"{digit}","duration_ms":{KEY_MS}}}')
            pbx.wire.on("DTMFEnd", heard_by, f"{figures}Direction: Sent\r\n")

    pbx.schedule.call_in(KEY_MS / 1000, release)


def note(pbx: Pbx, channel: Channel, kind: str, by: Channel, to: str) -> None:
    """Keep a transfer in the truth of the call."""
    if channel.call is not None:
        channel.call.transfers.append(SimTransfer(kind, by.endpoint, to, pbx.now))


def blind(pbx: Pbx, agent: Channel, party: Channel, context: str, exten: str) -> None:
    """``agent`` sends ``party`` to an extension and is out of the call."""
    bridge = agent.bridge
    if bridge is None:
        return
    unhold(pbx, agent)
    pbx.set_variable(party, "BLINDTRANSFER", agent.name)
    pbx.set_variable(agent, "BLINDTRANSFER", party.name)
    target = f'"extension":"{exten}","context":"{context}","bridge_id":"{bridge.uniqueid}"'
    who = f'"transferee_channel_name":"{party.name}","transferee_channel_uniqueid":"{party.uniqueid}"'
    pbx.cel.put("BLINDTRANSFER", agent, "", f"{{{target},{who}}}")
    pbx.wire.put(
        "BlindTransfer",
        f"Result: Success\r\n{agent.prefixed('Transferer')}{party.prefixed('Transferee')}{bridge.headers()}"
        f"IsExternal: Yes\r\nContext: {context}\r\nExtension: {exten}\r\n",
    )
    note(pbx, party, "blind", agent, exten)
    go_to(pbx, party, context, exten, keep_far=True)
    pbx.leave(agent)
    pbx.tell_quality(agent)
    finish(pbx, agent, "")


def redirect(pbx: Pbx, channel: Channel, context: str, exten: str) -> None:
    """An AMI client sends a channel elsewhere; whoever it talked with is hung up."""
    peer = peer_of(channel)
    if peer is not None:
        phone = peer if channel.outside else channel
        note(pbx, channel, "redirect", phone, exten)
    go_to(pbx, channel, context, exten)


def redirect_both(pbx: Pbx, one: Channel, one_to: tuple[str, str], two: Channel, two_to: tuple[str, str]) -> None:
    """Both parties of a talk are sent elsewhere, each to a (context, extension) of its own."""
    if peer_of(one) is not two:
        redirect(pbx, one, *one_to)
        redirect(pbx, two, *two_to)
        return
    if one.owner is not one.process or one.process is None or one.process.done:
        one, one_to, two, two_to = two, two_to, one, one_to
    go_to(pbx, one, *one_to, keep_far=True)
    two.move(*two_to)
    pbx.leave(two)
    two.owner = None
    go_to(pbx, two, *two_to)
