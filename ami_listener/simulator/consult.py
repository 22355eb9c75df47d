"""Attended transfers as Asterisk does them: by a pair of Local channels.

The transferer leaves the customer (who is on hold), is bridged with half ``;1`` of the pair, and half
``;2`` dials the third party by the dialplan. Hanging up merges the bridges and takes the pair out
again; taking the customer back, or a third party that does not answer, puts things as they were.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ami_listener.simulator.channel import DOWN, RING, Channel
from ami_listener.simulator.dialplan import go_to, run
from ami_listener.simulator.life import By, LocalGone, LocalUp, Released, finish, hang, start
from ami_listener.simulator.talk import Consulting, Conversation, Returned, Style
from ami_listener.simulator.truth import SimTransfer

if TYPE_CHECKING:
    from ami_listener.simulator.behaviour import Deed
    from ami_listener.simulator.channel import Bridge
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Process, Script

DIGIT_SECONDS = 0.05
INHERITED = ("TRANSFERERNAME", "ATTENDEDTRANSFER")


class CancelConsult:
    """Sent by an AMI client: take the customer back."""


class Consult:
    def __init__(self, pbx: Pbx, transferer: Channel, customer: Channel, context: str, exten: str) -> None:
        self.pbx, self.transferer, self.customer = pbx, transferer, customer
        self.context, self.exten = context, exten
        self.boss: Process | None = transferer.owner
        self.process: Process | None = None
        self.home: Bridge | None = transferer.bridge
        self.room: Bridge | None = None
        self.one: Channel | None = None
        self.two: Channel | None = None
        self.target: Channel | None = None
        self.over = False

    @property
    def begun(self) -> bool:
        """Past the digits: the transferer has left the customer."""
        return self.room is not None

    def script(self, deed: Deed | None) -> Script:
        """``deed``: what the transferer means to do; None: it waits for commands."""
        yield from self._prelude()
        if self.over or self.transferer.gone:
            return
        self._open()
        while not self.over:
            message = yield None
            if isinstance(message, LocalUp):
                self.target = message.leg
                if deed is not None:
                    message = yield deed.seconds
                    if message is None:
                        self._decide(deed.completes)
                        return
            if isinstance(message, LocalGone | CancelConsult):
                self.take_back()

    def _decide(self, completes: bool) -> None:
        if self.over:
            return
        if completes:
            hang(self.pbx, self.transferer)
            return
        for digit in "*1":
            self._press(digit, 160)
        self.take_back()

    def _prelude(self) -> Script:
        """The feature code and the number, digit by digit; the customer hears music after the code."""
        pbx, t = self.pbx, self.transferer
        pbx.set_variable(t, "TRANSFER_CONTEXT", self.context)
        for index, digit in enumerate(f"*2{self.exten}"):
            if index == 2:
                pbx.wire.on("Hold", t)
                if t.call is not None:
                    t.call.held(t, pbx.now)
            self._press(digit, 0)
            yield DIGIT_SECONDS
            if self.over or t.gone:
                return

    def _press(self, digit: str, milliseconds: int) -> None:
        pbx, t = self.pbx, self.transferer
        pbx.cel.put("DTMF", t, "", f'{{"digit":"{digit}","duration_ms":{milliseconds}}}')
        pbx.wire.on("DTMFEnd", t, f"Digit: {digit}\r\nDurationMs: {milliseconds}\r\nDirection: Received\r\n")

    def _half(self, name: str, state: int) -> Channel:
        uniqueid, serial = self.pbx.next_id()
        half = Channel(None, name, uniqueid, self.pbx.now, serial)
        self.pbx.register(half, state, self.context, self.exten, self.transferer)
        half.watcher = self.process
        return half

    def _open(self) -> None:
        """Make the pair, move the transferer over, and let the other half dial."""
        pbx, t = self.pbx, self.transferer
        name = f"Local/{self.exten}@{self.context}-{pbx.local_pairs:08x}"
        pbx.local_pairs += 1
        one, two = self._half(f"{name};1", DOWN), self._half(f"{name};2", RING)
        self.one, self.two = one, two
        one.other_half, two.other_half = two, one
        for half in (one, two):
            pbx.announce(half)
        for half, names in ((one, INHERITED), (two, INHERITED[::-1])):
            for variable in names:
                pbx.set_variable(half, variable, t.name)
        self.room = pbx.new_bridge()
        two.num, two.cid_name = t.num, t.cid_name
        two.touch()
        pbx.wire.caller_id(two)
        pair = one.prefixed("LocalOne") + two.prefixed("LocalTwo")
        where = f"Context: {self.context}\r\nExten: {self.exten}\r\nLocalOptimization: Yes\r\n"
        pbx.wire.put("LocalBridge", pair + where)
        one.connect(t.num, t.cid_name)
        pbx.wire.on("NewConnectedLine", one)
        pbx.enter(self.room, one)
        pbx.leave(t)
        pbx.enter(self.room, t)
        start(pbx, two, run(pbx, two))

    def take_back(self) -> None:
        """The transferer returns to the customer; the third party and the pair are hung up."""
        pbx, t = self.pbx, self.transferer
        if self.over:
            return
        self.over = True
        if self.begun:
            pbx.leave(t)
            self._take_down()
        if self.begun and self.home is not None:
            pbx.enter(self.home, t)
        pbx.wire.on("Unhold", t)
        if t.call is not None:
            t.call.unheld(t, pbx.now)
        pbx.connect(t, self.customer.num, self.customer.cid_name)
        if self.boss is not None:
            self.boss.post(Returned())

    def _take_down(self) -> None:
        pbx, one, two = self.pbx, self.one, self.two
        if one is not None and not one.gone:
            pbx.leave(one)
            pbx.hang_up(one, 16)
        if two is not None and not two.gone:
            hang(pbx, two)

    def customer_gone(self) -> None:
        """The customer did not wait: nothing is left to transfer."""
        self.dissolve()
        finish(self.pbx, self.transferer, "")

    def dissolve(self) -> None:
        """End the consultation; the transferer is left with nobody."""
        self.over = True
        self.pbx.leave(self.transferer)
        self._take_down()

    def complete(self, by: By) -> Channel | None:
        """The transferer is going: join the customer with the third party, who is the answer. While that one
        does not yet talk, or no longer, the customer is sent after it as by a blind transfer, and the answer is
        None."""
        if self.over:
            return None
        self.over = True
        target = None if self.one is None or self.one.gone else self.target
        pbx, t = self.pbx, self.transferer
        if by == "phone":
            pbx.tell_quality(t, self.one)
            pbx.hangup_request(t)
        else:
            pbx.soft_hangup(t)
        if t.call is not None:
            kind = "blind" if target is None else "attended"
            t.call.transfers.append(SimTransfer(kind, t.endpoint, self.exten, pbx.now))
        if target is None or self.one is None or self.two is None:
            self._send_after()
            return None
        self._merge(self.one)
        self._optimise(self.one, self.two, target)
        if self.customer.process is None or self.customer.process.done:
            self._carry_on(target)
        return target

    def _send_after(self) -> None:
        pbx, t, customer = self.pbx, self.transferer, self.customer
        pbx.leave(t)
        if t.call is not None:
            t.call.unheld(t, pbx.now)
        self._take_down()
        go_to(pbx, customer, self.context, self.exten, keep_far=True)
        pbx.hang_up(t, 16, source=t.name)

    def _merge(self, one: Channel) -> None:
        pbx, t, home, room, customer = self.pbx, self.transferer, self.home, self.room, self.customer
        assert home is not None and room is not None
        pbx.leave(t)
        pbx.wire.put("BridgeMerge", home.headers(p="ToBridge") + room.headers(p="FromBridge"))
        pbx.leave(one, keep=True)
        pbx.enter(home, one)
        self._tell(one, home, room)
        for party, other in ((customer, self.target), (one, customer)):
            if other is not None:
                pbx.connect(party, other.num, other.cid_name)
        pbx.destroy(room)
        if t.call is not None:
            t.call.unheld(t, pbx.now)
        pbx.hang_up(t, 16, source=t.name)

    def _tell(self, one: Channel, home: Bridge, room: Bridge) -> None:
        t, customer = self.transferer, self.customer
        self.pbx.wire.put(
            "AttendedTransfer",
            f"Result: Success\r\n{t.prefixed('OrigTransferer')}{home.headers(p='OrigBridge')}"
            f"{t.prefixed('SecondTransferer')}{room.headers(p='SecondBridge')}{customer.prefixed('Transferee')}"
            f"{one.prefixed('TransferTarget')}IsExternal: No\r\nDestType: Bridge\r\n"
            f"DestBridgeUniqueid: {home.uniqueid}\r\n",
        )
        bridges = f'"bridge1_id":"{home.uniqueid}","channel2_name":"{t.name}","channel2_uniqueid":"{t.uniqueid}"'
        parties = (
            f'"bridge2_id":"{room.uniqueid}","transferee_channel_name":"{customer.name}",'
            f'"transferee_channel_uniqueid":"{customer.uniqueid}","transfer_target_channel_name":"{one.name}",'
            f'"transfer_target_channel_uniqueid":"{one.uniqueid}"'
        )
        self.pbx.cel.put("ATTENDEDTRANSFER", t, "", f"{{{bridges},{parties}}}")

    def _optimise(self, one: Channel, two: Channel, target: Channel) -> None:
        """Take the pair out: the customer takes the place of its second half."""
        pbx, customer = self.pbx, self.customer
        bridge = two.bridge
        assert bridge is not None
        pbx.connect(target, customer.num, customer.cid_name)
        pair = one.prefixed("LocalOne") + two.prefixed("LocalTwo")
        also = f'{{"local_two":"{two.name}","local_two_uniqueid":"{two.uniqueid}"}}'
        pbx.cel.put("LOCAL_OPTIMIZE_BEGIN", one, "", also)
        source = f"{customer.prefixed('Source')}DestUniqueId: {two.uniqueid}\r\nId: 0\r\n"
        pbx.wire.put("LocalOptimizationBegin", pair + source)
        pbx.leave(customer)
        two.num, two.cid_name = customer.num, customer.cid_name
        two.touch()
        pbx.wire.caller_id(two)
        pbx.leave(two)
        one.other_half = two.other_half = None
        pbx.enter(bridge, customer, swap=two.uniqueid)
        pbx.cel.put("LOCAL_OPTIMIZE", one, "", also)
        pbx.wire.put("LocalOptimizationEnd", f"{pair}Success: No\r\nId: 0\r\n")
        pbx.cdr.join(customer, target, pbx.now)
        if two.process is not None:
            two.process.post(Released())
        pbx.set_variable(one, "CHANLOCALSTATUS", "ANSWER")
        pbx.hangup_request(one)
        pbx.leave(one)
        pbx.hang_up(one, 16)

    def _carry_on(self, target: Channel) -> None:
        """The customer has no script of its own (we had called it): it gets one."""
        pbx, customer = self.pbx, self.customer
        start(pbx, customer, Conversation(pbx, customer, target, Style(dial=True), pbx.now).run())
        target.owner = customer.process


def begin_consult(
    pbx: Pbx, transferer: Channel, customer: Channel, context: str, exten: str, deed: Deed | None = None
) -> None:
    """Start an attended transfer of ``customer`` by ``transferer`` to an extension, unless either consults already."""
    consult = Consult(pbx, transferer, customer, context, exten)
    others = (pbx.consults.get(party.name) for party in (transferer, customer))
    boss = consult.boss
    if boss is None or boss.done or transferer.bridge is None or any(o is not None and not o.over for o in others):
        return
    boss.post(Consulting(consult))
    consult.process = pbx.schedule.spawn(consult.script(deed))
    pbx.consults[transferer.name] = consult
