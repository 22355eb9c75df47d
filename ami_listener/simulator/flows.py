"""Who calls whom and when: the stream of calls, and the breaks that agents take.

Calls come as a Poisson process; what kind each is, who calls and how patient they are is drawn when
it begins, from one seeded generator.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from ami_listener.simulator.behaviour import Human
from ami_listener.simulator.channel import RING
from ami_listener.simulator.demo import CONFERENCE, DIRECT_PREFIX, GROUP, MENU, QUEUES, ROOM, TRUNK
from ami_listener.simulator.dialplan import run
from ami_listener.simulator.life import hang, start
from ami_listener.simulator.originate import Order, originate
from ami_listener.simulator.people import Crowd, Person
from ami_listener.simulator.queues import pause_member

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.devices import Device
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

BREAKS = (("lunch", 240.0), ("ناهار", 240.0), ("نماز", 90.0), ("break", 60.0), ("training", 180.0))
_BREAK_EVERY = 900.0


def call_in(pbx: Pbx, person: Person, did: str, patience: float) -> Channel:
    """An outside call arrives on the trunk; the caller gives up after ``patience`` seconds without an answer."""
    channel = pbx.create(pbx.devices[TRUNK], RING, "from-pstn", did)
    channel.num, channel.cid_name, channel.ani, channel.dnid = person.number, person.name, person.number, did
    pbx.open_call(channel, "inbound", did)
    _begin(pbx, channel, patience)
    return channel


def call_out(pbx: Pbx, phone: Device, number: str, patience: float) -> Channel:
    """A phone of ours dials a number, outside or inside."""
    channel = pbx.create(phone, RING, "internal", number)
    channel.ani, channel.dnid = channel.num, number
    outside = pbx.dialplan.leads_outside("internal", number)
    pbx.open_call(channel, "outbound" if outside else "internal", number)
    _begin(pbx, channel, patience)
    return channel


def _begin(pbx: Pbx, channel: Channel, patience: float) -> None:
    pbx.announce(channel)
    pbx.set_variable(channel, "SIPDOMAIN", "127.0.0.1")
    channel.patience = pbx.schedule.call_in(patience, lambda: hang(pbx, channel))
    start(pbx, channel, run(pbx, channel))


class Flows:
    """The stream. ``limit``: how many calls to make in all, None for no end."""

    def __init__(self, pbx: Pbx, human: Human, rng: random.Random, per_second: float, limit: int | None) -> None:
        self.pbx, self.human = pbx, human
        self._rng, self._crowd = rng, Crowd(rng)
        self._per_second, self._limit = per_second, limit
        self.made = 0
        self._phones = [device for device in pbx.devices.values() if not device.outside]
        self._kinds: tuple[tuple[float, Callable[[], bool]], ...] = (
            (0.46, self._to_menu),
            (0.14, self._to_queue),
            (0.12, self._click),
            (0.10, self._direct_out),
            (0.08, self._to_phone),
            (0.05, self._inside),
            (0.035, self._to_group),
            (0.015, self._to_conference),
        )

    def script(self) -> Script:
        """Make calls for ever, or until the limit."""
        weights = [weight for weight, _ in self._kinds]
        while self._limit is None or self.made < self._limit:
            yield self._rng.expovariate(self._per_second)
            _, kind = self._rng.choices(self._kinds, weights)[0]
            if not kind():
                self._to_menu()
            self.made += 1

    def breaks(self, phone: Device) -> Script:
        """One agent's breaks: paused in every queue, for a reason."""
        pbx, rng = self.pbx, self._rng
        while True:
            yield rng.expovariate(1.0 / _BREAK_EVERY)
            reason, seconds = rng.choice(BREAKS)
            for paused, length in ((True, seconds * rng.uniform(0.5, 1.3)), (False, 0.0)):
                for member in phone.members:
                    pause_member(pbx.wire, member, paused, reason, pbx.now)
                yield length

    def _patience(self) -> float:
        return self.human.patience()

    def _arrive(self, did: str) -> bool:
        call_in(self.pbx, self._crowd.caller(), did, self._patience())
        return True

    def _to_menu(self) -> bool:
        return self._arrive(MENU)

    def _to_queue(self) -> bool:
        return self._arrive(self._rng.choice(tuple(QUEUES.values())))

    def _to_phone(self) -> bool:
        phone = (self._free_phone() if self._rng.random() < 0.85 else None) or self._rng.choice(self._phones)
        return self._arrive(DIRECT_PREFIX + phone.exten)

    def _to_group(self) -> bool:
        return self._arrive(GROUP)

    def _to_conference(self) -> bool:
        self._arrive(CONFERENCE)
        phone = self._free_phone()
        if phone is not None and (self._limit is None or self.made + 1 < self._limit):
            call_out(self.pbx, phone, ROOM, self._patience())
            self.made += 1
        return True

    def _free_phone(self) -> Device | None:
        for _ in range(8):
            phone = self._rng.choice(self._phones)
            if not phone.channels and not any(member.paused for member in phone.members):
                return phone
        return None

    def _direct_out(self) -> bool:
        phone = self._free_phone()
        if phone is None:
            return False
        call_out(self.pbx, phone, self._crowd.number_to_call(), self._patience())
        return True

    def _inside(self) -> bool:
        phone, other = self._free_phone(), self._free_phone()
        if phone is None or other is None or phone is other:
            return False
        call_out(self.pbx, phone, other.exten, self._patience())
        return True

    def _click(self) -> bool:
        """Somebody clicks a number in another application: their phone rings first."""
        phone = self._free_phone()
        if phone is None:
            return False
        number = self._crowd.number_to_call()
        name, patience = phone.title, self._patience()
        order = Order(
            phone, "internal", number, seconds=20.0, caller_num=phone.exten, caller_name=name, patience=patience
        )
        originate(self.pbx, order)
        return True
