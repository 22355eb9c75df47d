"""AMI actions that do something: calls, transfers, parking, queue members, variables, recordings.

Messages are Asterisk's own. An answer says only that the action was taken on; what comes of it are
events. ``COMMANDS`` is the table, with the classes that a login must have to write (manager.conf).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ami_listener.simulator.apps import start_recording
from ami_listener.simulator.channel import UP
from ami_listener.simulator.consult import begin_consult
from ami_listener.simulator.life import hang
from ami_listener.simulator.listings import Ask
from ami_listener.simulator.originate import Order, originate
from ami_listener.simulator.parking import park
from ami_listener.simulator.queues import Member, add_member, pause_member, remove_member
from ami_listener.simulator.request import Request, answer, done, refused
from ami_listener.simulator.transfers import blind, hold, peer_of, redirect, redirect_both, unhold

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx

AGENT = "Yealink SIP-T46U 108.86.0.20"
_PJSIP = re.compile(r"PJSIP_(ENDPOINT|AOR|CONTACT)\(([^,()]+),(\w+)\)")
_CALLER_ID = re.compile(r'\s*"?([^"<]*?)"?\s*<([^>]*)>\s*')


def _channel(pbx: Pbx, request: Request, name: str = "Channel") -> Channel | None:
    return pbx.channels.get(request.get(name))


def originate_call(pbx: Pbx, request: Request) -> str:
    device = pbx.devices.get(request.get("Channel"))
    if not request.get("Channel"):
        return refused(request, "Channel not specified")
    if not request.get("Exten") and not request.get("Application"):
        return refused(request, "Must specify extension or application")
    if device is None:
        return refused(request, "Originate failed")
    named = _CALLER_ID.fullmatch(request.get("CallerID"))
    number, name = (named[2], named[1]) if named else (request.get("CallerID"), "")
    order = Order(
        device,
        request.get("Context", "default"),
        request.get("Exten"),
        request.get("Application"),
        request.get("Data"),
        request.number("Timeout", 30_000) / 1000,
        number,
        name,
        request.variables,
        request.get("ActionID"),
        request.get("ChannelId"),
    )
    originate(pbx, order)
    return done(request, "Originate successfully queued")


def hangup(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "No such channel")
    hang(pbx, channel, "command")
    return done(request, "Channel Hungup")


def _stays(channel: Channel) -> bool:
    """Half a Local pair, and a phone that only rings, cannot be sent elsewhere here."""
    return channel.local or (channel.state != UP and channel.process is None)


def redirect_channel(pbx: Pbx, request: Request) -> str:
    channel, extra = _channel(pbx, request), _channel(pbx, request, "ExtraChannel")
    if channel is None:
        return refused(request, "Channel does not exist")
    if any(_stays(c) for c in (channel, extra) if c is not None) or not pbx.dialplan.steps(
        request.get("Context"), request.get("Exten")
    ):
        return refused(request, "Redirect failed")
    place = (request.get("Context"), request.get("Exten"))
    if extra is not None:
        other = (request.get("ExtraContext") or place[0], request.get("ExtraExten") or place[1])
        redirect_both(pbx, channel, place, extra, other)
        return done(request, "Dual Redirect successful")
    redirect(pbx, channel, *place)
    return done(request, "Redirect successful")


def blind_transfer(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "Channel specified does not exist")
    party, context = peer_of(channel), request.get("Context", "internal")
    if party is None:
        return refused(request, "Transfer failed. Transfer invalid")
    if not pbx.dialplan.steps(context, request.get("Exten")):
        return refused(request, "Transfer failed. Transfer invalid")
    blind(pbx, channel, party, context, request.get("Exten"))
    return done(request, "Transfer succeeded")


def attended_transfer(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "Channel specified does not exist")
    party, context = peer_of(channel), request.get("Context", "internal")
    if party is not None:
        begin_consult(pbx, channel, party, context, request.get("Exten"))
    return done(request, "Atxfer successfully queued")


def cancel_attended_transfer(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "Channel specified does not exist")
    consult = pbx.consults.get(channel.name)
    if consult is not None:
        consult.take_back()
    return done(request, "CancelAtxfer successfully queued")


def park_channel(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "Channel does not exist: " + request.get("Channel"))
    parker = _channel(pbx, request, "TimeoutChannel") or _channel(pbx, request, "AnnounceChannel") or peer_of(channel)
    if parker is None or park(pbx, channel, parker, request.number("Timeout", 45_000) / 1000) is None:
        return refused(request, "Park failed")
    return answer(request, "Success", "Message: Park successful\n\r\n")


def queue_add(pbx: Pbx, request: Request) -> str:
    queue, device = pbx.queues.get(request.get("Queue")), pbx.devices.get(request.get("Interface"))
    if not request.get("Queue"):
        return refused(request, "'Queue' not specified.")
    if queue is None or device is None:
        return refused(request, "Unable to add interface to queue: No such queue")
    if queue.member(device.name) is not None:
        return refused(request, "Unable to add interface: Already there")
    member = Member(queue, device, request.get("MemberName") or device.title, int(pbx.now), dynamic=True)
    member.penalty, member.paused = request.number("Penalty", 0), request.truth("Paused")
    add_member(pbx.wire, queue, member)
    queue.wake(pbx.now)
    return done(request, "Added interface to queue")


def queue_remove(pbx: Pbx, request: Request) -> str:
    queue = pbx.queues.get(request.get("Queue"))
    if queue is None:
        return refused(request, "Unable to remove interface from queue: No such queue")
    member = queue.member(request.get("Interface"))
    if member is None:
        return refused(request, "Unable to remove interface: Not there")
    remove_member(pbx.wire, queue, member)
    return done(request, "Removed interface from queue")


def queue_pause(pbx: Pbx, request: Request) -> str:
    if not request.get("Interface") or not request.get("Paused"):
        return refused(request, "Need 'Interface' and 'Paused' parameters.")
    wanted, paused = request.get("Queue"), request.truth("Paused")
    members = [
        m
        for queue in pbx.queues.values()
        if wanted in ("", queue.name) and (m := queue.member(request.get("Interface"))) is not None
    ]
    if not members:
        return refused(request, "Interface not found")
    for member in members:
        pause_member(pbx.wire, member, paused, request.get("Reason"), pbx.now)
    return done(request, f"Interface {'paused' if paused else 'unpaused'} successfully")


def queue_put_first(pbx: Pbx, request: Request) -> str:
    """Every priority is higher than those before it."""
    queue = pbx.queues.get(request.get("Queue"))
    if queue is None:
        return refused(request, "Queue not found")
    entry = next((one for one in queue.waiting if one.channel.name == request.get("Caller")), None)
    if entry is None:
        return refused(request, "Caller not found")
    queue.waiting.remove(entry)
    queue.waiting.insert(0, entry)
    return done(request, "Priority change for caller on queue")


def queue_penalty(pbx: Pbx, request: Request) -> str:
    for member in _members(pbx, request):
        member.penalty = request.number("Penalty", 0)
        pbx.wire.put("QueueMemberPenalty", member.headers())
    return done(request, "Interface penalty set successfully")


def queue_ring_in_use(pbx: Pbx, request: Request) -> str:
    for member in _members(pbx, request):
        member.ring_in_use = request.truth("RingInUse")
        pbx.wire.put("QueueMemberRinginuse", member.headers())
    return done(request, "Interface ringinuse set successfully")


def _members(pbx: Pbx, request: Request) -> list[Member]:
    queues = [q for q in pbx.queues.values() if request.get("Queue") in ("", q.name)]
    return [m for q in queues if (m := q.member(request.get("Interface"))) is not None]


def set_variable(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if not request.get("Variable"):
        return refused(request, "No variable specified")
    if channel is None:
        return refused(request, "No such channel") if request.get("Channel") else done(request, "Variable Set")
    pbx.set_variable(channel, request.get("Variable"), request.get("Value"))
    return done(request, "Variable Set")


def get_variable(pbx: Pbx, request: Request) -> str:
    channel, name = _channel(pbx, request), request.get("Variable")
    if not request.get("Channel"):
        return answer(request, "Success", f"Variable: {name}\r\nValue: {_of_a_phone(pbx, name)}\r\n")
    if channel is None:
        return refused(request, "No such channel")
    return answer(request, "Success", f"Variable: {name}\r\nValue: {channel.variables.get(name, '')}\r\n")


def _of_a_phone(pbx: Pbx, function: str) -> str:
    """What res_pjsip's functions say of an endpoint and its registration."""
    found = _PJSIP.fullmatch(function)
    if found is None or f"PJSIP/{found[2].partition(';')[0]}" not in pbx.devices:
        return ""
    return {"webrtc": "no", "aors": found[2], "contact": f"{found[2]};@5eed", "user_agent": AGENT}.get(found[3], "")


def notify(pbx: Pbx, request: Request) -> str:
    """The phone puts the call on hold, or takes it back. (Here nobody answers by command: people do.)"""
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "No such channel")
    if peer_of(channel) is not None and request.get("Variable") == "Event=hold":
        hold(pbx, channel)
    elif peer_of(channel) is not None:
        unhold(pbx, channel)
    return done(request, "NOTIFY sent")


def play_digit(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "Channel not found")
    pbx.wire.on("DTMFBegin", channel, f"Digit: {request.get('Digit')}\r\nDirection: Sent\r\n")
    return done(request, "DTMF successfully queued")


def record(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "No such channel")
    start_recording(pbx, channel, request.get("File") or f"{channel.uniqueid}.wav")
    return answer(request, "Success", f"MixMonitorID: {channel.serial:#x}\r\n")


def stop_recording(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "No such channel")
    pbx.wire.on("MixMonitorStop", channel)
    return done(request, "Stopped MixMonitor")


def mute_recording(pbx: Pbx, request: Request) -> str:
    channel = _channel(pbx, request)
    if channel is None:
        return refused(request, "No such channel")
    direction, state = request.get("Direction", "both"), int(request.truth("State"))
    pbx.wire.on("MixMonitorMute", channel, f"Direction: {direction}\r\nState: {state}\r\n")
    return answer(request, "Success", "")


COMMANDS: Mapping[str, tuple[str, Ask]] = {
    "Atxfer": ("call", attended_transfer),
    "BlindTransfer": ("call", blind_transfer),
    "CancelAtxfer": ("call", cancel_attended_transfer),
    "Getvar": ("call,reporting", get_variable),
    "Hangup": ("system,call", hangup),
    "MixMonitor": ("system", record),
    "PJSIPNotify": ("system", notify),
    "PlayDTMF": ("call", play_digit),
    "MixMonitorMute": ("system,call", mute_recording),
    "Originate": ("originate", originate_call),
    "Park": ("call", park_channel),
    "QueueAdd": ("agent", queue_add),
    "QueueChangePriorityCaller": ("", queue_put_first),
    "QueueMemberRingInUse": ("agent", queue_ring_in_use),
    "QueuePause": ("agent", queue_pause),
    "QueuePenalty": ("agent", queue_penalty),
    "QueueRemove": ("agent", queue_remove),
    "Redirect": ("call", redirect_channel),
    "Setvar": ("call", set_variable),
    "StopMixMonitor": ("system,call", stop_recording),
}
"""As in ``listings.LISTINGS``."""
