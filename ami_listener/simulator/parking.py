"""Parking: a caller waits in slot 701 and up, until a phone fetches it or its time is over.

Slots, variables and the way back to the one who parked follow ``res_parking``: the parker's channel
stays up, alone, while it hears the slot; after the time-out its phone is rung again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ami_listener.simulator.behaviour import Deed
from ami_listener.simulator.channel import RING, Bridge
from ami_listener.simulator.dial import dial
from ami_listener.simulator.dialplan import END, run
from ami_listener.simulator.life import Detour, HungUp, send_to, start, tell_hangup
from ami_listener.simulator.talk import Conversation, Style
from ami_listener.simulator.truth import SimTransfer

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

FIRST_SLOT, LAST_SLOT = 701, 720
HEARS_SLOT_SECONDS = 2.6
LOT = "default"


class Fetched(NamedTuple):
    """A phone dialled the slot."""

    by: Channel


class Slot(NamedTuple):
    """Where, by which phone, since when and for how long (seconds) somebody is parked."""

    number: str
    parker: str
    since: float
    timeout: float

    def headers(self, parkee: Channel, now: float) -> str:
        waited = int(now - self.since + 0.5)
        return (
            f"{parkee.prefixed('Parkee')}ParkerDialString: {self.parker}\r\nParkinglot: {LOT}\r\n"
            f"ParkingSpace: {self.number}\r\nParkingTimeout: {max(0, int(self.timeout) - waited)}\r\n"
            f"ParkingDuration: {waited}\r\n"
        )


def park(
    pbx: Pbx, parkee: Channel, parker: Channel, timeout: float | None = None, deed: Deed | None = None
) -> str | None:
    """``parker`` parks the one it talks with; the answer is the slot, None if all are taken."""
    free = (str(n) for n in range(FIRST_SLOT, LAST_SLOT + 1) if str(n) not in pbx.slots)
    number = next(free, None)
    if number is None or parkee.bridge is None:
        return None
    slot = Slot(number, parker.endpoint, pbx.now, pbx.park_seconds if timeout is None else timeout)
    pbx.slots[number] = (slot, parkee)
    for _ in range(2):
        pbx.set_variable(parkee, "BLINDTRANSFER", parker.name)
    if parkee.call is not None:
        parkee.call.transfers.append(SimTransfer("park", parker.endpoint, number, pbx.now))
    _parker_hears_slot(pbx, parker)
    send_to(pbx, parkee, _parked(pbx, parkee, slot), keep_far=True, parks=True)
    if deed is not None and deed.to:
        fetcher, after = deed.to, deed.seconds
        pbx.schedule.call_in(after, lambda: fetch(pbx, fetcher, slot))
    return number


def _parker_hears_slot(pbx: Pbx, parker: Channel) -> None:
    if parker.process is not None and not parker.process.done:
        parker.owner = parker.process
        parker.process.post(Detour(_listen(pbx, parker), keep_far=True))
    else:
        start(pbx, parker, _listen(pbx, parker))


def _listen(pbx: Pbx, parker: Channel) -> Script:
    """The parker is told the slot and is then gone, without a word about who hung up."""
    until = pbx.now + HEARS_SLOT_SECONDS
    try:
        while pbx.now < until:
            yield until - pbx.now
    except HungUp as end:
        tell_hangup(pbx, parker, end, cause=16)
        end.by = "moved"
    pbx.leave(parker)
    pbx.tell_quality(parker)
    pbx.hang_up(parker, 16)


def _lot(pbx: Pbx) -> Bridge:
    if pbx.parking is None:
        pbx.parking = pbx.new_bridge("parking", "holding_bridge", creator="Parking", name=LOT)
    return pbx.parking


def _parked(pbx: Pbx, parkee: Channel, slot: Slot) -> Script:
    """The time in the slot, and what comes after it."""
    bridge = _lot(pbx)
    if parkee.bridge is not None:
        pbx.leave(parkee)
    pbx.cel.put("PARK_START", parkee, "", f'{{"parker_dial_string":"{slot.parker}","parking_lot":"{LOT}"}}')
    pbx.wire.put("ParkedCall", slot.headers(parkee, pbx.now))
    pbx.enter(bridge, parkee)
    until, message = slot.since + slot.timeout, None
    try:
        while pbx.now < until and not isinstance(message, Fetched):
            message = yield until - pbx.now
    except (HungUp, Detour):
        pbx.slots.pop(slot.number, None)
        pbx.leave(parkee)
        parkee.cause = 16
        raise
    pbx.slots.pop(slot.number, None)
    if isinstance(message, Fetched) and not message.by.gone:
        return (yield from _fetched(pbx, parkee, message.by, slot))
    return (yield from _timed_out(pbx, parkee, slot))


def _fetched(pbx: Pbx, parkee: Channel, by: Channel, slot: Slot) -> Script:
    bridge = pbx.new_bridge()
    body = slot.headers(parkee, pbx.now)
    cut = body.index("ParkerDialString")
    pbx.wire.put("UnParkedCall", body[:cut] + by.prefixed("Retriever") + body[cut:])
    pbx.cel.put("PARK_END", parkee, "", f'{{"reason":"ParkedCallUnparked","retriever":"{by.name}"}}')
    pbx.leave(parkee)
    pbx.enter(bridge, parkee)
    pbx.enter(bridge, by)
    for one, two in ((by, parkee), (parkee, by)):
        pbx.connect(one, two.num, two.cid_name)
    by.owner = parkee.process
    pbx.cdr.join(parkee, by, pbx.now)
    yield from Conversation(pbx, parkee, by, Style(dial=True), slot.since).run()
    return END


def _timed_out(pbx: Pbx, parkee: Channel, slot: Slot) -> Script:
    """Nobody came: ring the phone that parked it."""
    names = {"PARKING_SPACE": slot.number, "PARKEDLOT": LOT, "PARKER": slot.parker}
    flat = slot.parker.replace("/", "_")
    for name, value in (*names.items(), ("PARKER_FLAT", flat), ("BRIDGE_FEATURES", "")):
        pbx.set_variable(parkee, name, value)
    parkee.move("park-dial", flat)
    pbx.wire.put("ParkedCallTimeOut", slot.headers(parkee, pbx.now))
    pbx.cel.put("PARK_END", parkee, "", '{"reason":"ParkedCallTimeOut"}')
    pbx.leave(parkee)
    back = f"{slot.parker},{pbx.comeback_seconds:g}"
    pbx.newexten(parkee, "Dial", back)
    pbx.set_variable(parkee, "DIALSTATUS", "ANSWER")
    yield from dial(pbx, parkee, back)
    return END


def fetch(pbx: Pbx, exten: str, slot: Slot) -> None:
    """A phone dials the slot, if somebody is still there and the phone is free."""
    device = pbx.devices.get(f"PJSIP/{exten}")
    if slot.number not in pbx.slots or device is None or device.channels:
        return
    phone = pbx.create(device, RING, device.context, slot.number)
    phone.ani, phone.dnid = phone.num, slot.number
    pbx.open_call(phone, "internal", slot.number)
    pbx.announce(phone)
    pbx.set_variable(phone, "SIPDOMAIN", "127.0.0.1")
    start(pbx, phone, run(pbx, phone))


def parked_call(pbx: Pbx, channel: Channel, data: str) -> Script:
    """Application ParkedCall: the channel fetches who waits in a slot."""
    pbx.answer(channel)
    yield 0.5
    found = pbx.slots.get(data.rpartition(",")[2])
    if found is None or found[1].process is None:
        return END
    found[1].process.post(Fetched(channel))
    yield from _lean(channel)
    return END


def _lean(channel: Channel) -> Script:
    """Joined with somebody whose script looks after both; alone if that one was gone a moment before."""
    yield 0.5
    while channel.bridge is not None:
        yield None
