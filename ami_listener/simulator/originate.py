"""Calls that the PBX makes by itself: AMI Originate, which rings a phone before anything else.

The first leg's DialBegin and DialEnd have no ``Channel``; success means only that it answered. A
refusal shows as NOANSWER, and ``OriginateResponse`` then has a bare device name for a channel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ami_listener.simulator.channel import DOWN, RINGING, Channel
from ami_listener.simulator.dial import Leg, pick_up, refuse, ring_until, settle
from ami_listener.simulator.dialplan import run
from ami_listener.simulator.life import Detour, HungUp, blame, hang, live

if TYPE_CHECKING:
    from ami_listener.simulator.devices import Device
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

FAILED, TIMED_OUT, ANSWERED, BUSY = 0, 3, 4, 5
"""``Reason`` of OriginateResponse (the control frame that ended the dial)."""


class Order(NamedTuple):
    """What to originate; ``seconds`` is how long the first leg may ring, ``patience`` how long its owner then
    waits for the far end."""

    device: Device
    context: str = ""
    exten: str = ""
    application: str = ""
    data: str = ""
    seconds: float = 30.0
    caller_num: str = ""
    caller_name: str = ""
    variables: tuple[tuple[str, str], ...] = ()
    action_id: str = ""
    channel_id: str = ""
    patience: float | None = None


def originate(pbx: Pbx, order: Order) -> Channel:
    """Begin; everything else happens by itself."""
    device = order.device
    channel = pbx.create(device, DOWN, device.context, "s", own_id=order.channel_id)
    channel.born_as = ("AppDial2", "(Outgoing Line)")
    kind = "monitoring" if order.application == "ChanSpy" else "call"
    outside = device.outside or pbx.dialplan.leads_outside(order.context, order.exten)
    call = pbx.open_call(channel, "outbound" if outside else "internal", order.exten, kind)
    pbx.announce(channel)
    call.rang(channel, pbx.now)
    pbx.newexten(channel, *channel.born_as)
    _name(pbx, channel, order)
    channel.process = channel.owner = pbx.schedule.spawn(_life(pbx, channel, order))
    return channel


def _name(pbx: Pbx, channel: Channel, order: Order) -> None:
    if order.caller_num and (order.caller_num, order.caller_name) != (channel.num, channel.cid_name):
        channel.num, channel.cid_name = order.caller_num, order.caller_name
        channel.touch()
        pbx.wire.caller_id(channel)
    for name, value in order.variables:
        pbx.set_variable(channel, name, value)
    pbx.connect(channel, order.caller_num, order.caller_name)
    channel.ani = channel.num


def _life(pbx: Pbx, channel: Channel, order: Order) -> Script:
    leg = Leg(channel, order.device.name.partition("/")[2], pbx.behaviour.responds(channel, None), pbx.now)
    pbx.wire.dial("DialBegin", None, channel, f"DialString: {leg.string}\r\n")
    legs = [leg]
    try:
        answered = yield from ring_until(
            pbx, legs, pbx.now + order.seconds, lambda leg: _rings(pbx, leg), lambda leg: _refused(pbx, leg, order)
        )
    except HungUp as end:
        blame(channel, channel, end.by)
        settle(leg, "cancelled")
        _failed(pbx, channel, order, "CANCEL", FAILED)
        return
    except Detour:
        settle(leg, "cancelled")
        _failed(pbx, channel, order, "CANCEL", FAILED)
        return
    if answered is None:
        if legs:
            settle(leg, "noanswer")
            _failed(pbx, channel, order, "NOANSWER", TIMED_OUT)
        return
    pick_up(pbx, leg)
    pbx.wire.dial("DialEnd", None, channel, "DialStatus: ANSWER\r\n")
    _respond(pbx, channel, order, "Success", channel.name, ANSWERED, channel.uniqueid)
    if order.patience is not None:
        channel.patience = pbx.schedule.call_in(order.patience, lambda: hang(pbx, channel))
    yield from _go_on(pbx, channel, order)


def _go_on(pbx: Pbx, channel: Channel, order: Order) -> Script:
    if not order.application:
        channel.move(order.context, order.exten)
        yield from live(pbx, channel, run(pbx, channel))
        return
    channel.app, channel.app_data = order.application, order.data
    pbx.cdr.app(channel, pbx.now)
    app = pbx.dialplan.apps.get(order.application, pbx.dialplan.apps["NoOp"])
    yield from live(pbx, channel, app(pbx, channel, order.data))


def _rings(pbx: Pbx, leg: Leg) -> None:
    pbx.set_state(leg.channel, RINGING)
    pbx.wire.dial("DialState", None, leg.channel, "DialStatus: RINGING\r\n")


def _refused(pbx: Pbx, leg: Leg, order: Order) -> None:
    kind = leg.response.kind
    channel = leg.channel
    channel.cause, channel.tech_cause = refuse(pbx, leg)
    blame(channel, channel, "phone" if channel.tech_cause else "command")
    _failed(pbx, channel, order, "BUSY" if kind == "busy" else "NOANSWER", BUSY if kind == "busy" else FAILED)


def _failed(pbx: Pbx, channel: Channel, order: Order, status: str, reason: int) -> None:
    pbx.wire.dial("DialEnd", None, channel, f"DialStatus: {status}\r\n")
    _respond(pbx, channel, order, "Failure", order.device.name, reason, "<unknown>")
    pbx.hang_up(channel, source=channel.name)


def _respond(pbx: Pbx, channel: Channel, order: Order, response: str, name: str, reason: int, uniqueid: str) -> None:
    what = (
        f"Application: {order.application}\r\nData: {order.data}\r\n"
        if order.application
        else f"Context: {order.context}\r\nExten: {order.exten}\r\n"
    )
    action_id = f"ActionID: {order.action_id}\r\n" if order.action_id else ""
    pbx.wire.put(
        "OriginateResponse",
        f"{action_id}Response: {response}\r\nChannel: {name}\r\n{what}Reason: {reason}\r\nUniqueid: {uniqueid}\r\n"
        f"CallerIDNum: {channel.num or '<unknown>'}\r\nCallerIDName: {channel.cid_name or '<unknown>'}\r\n",
    )
