"""Makes the PBXs hold what our agents are: members of their queues, paused or not, with the reason. Tries again until
it is so, and tells where it is not for longer than a second.

What a PBX holds is only ever what it tells (``QueueChanged``); an answer to a command says no more than that it was
taken on. All queues of a phone are paused with one command, so that none of them can be late.

Neighbours: ``service`` sets the wishes; ``cti.control.port`` takes the commands.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

import msgspec

from cti.control.port import Member, Pbx, PbxRefusedError
from cti.kernel.clock import Clock
from cti.kernel.errors import RefusedError, TamasError
from cti.live.events import QueueChanged, QueueMember

log = logging.getLogger(__name__)

Key = tuple[str, str, str]
"""PBX, queue, interface."""
Phone = tuple[str, str]
"""PBX, interface."""

Send = Callable[[Pbx], Awaitable[None]]

SHOWN_AFTER = 1.0
"""Seconds that we and a PBX may differ before it is shown."""
TRY_AGAIN = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds from one try to the next."""
REASON_BYTES = 79
"""What app_queue keeps of a reason (``reason_paused[80]``)."""


class Wish(msgspec.Struct, frozen=True, gc=False):
    """What a PBX shall hold of a phone in a queue. ``inside`` False: not a member; a static one is paused instead,
    with ``reason``."""

    pbx: str
    queue: str
    interface: str
    inside: bool
    paused: bool
    reason: str = ""
    name: str = ""
    state_interface: str = ""

    @property
    def key(self) -> Key:
        return self.pbx, self.queue, self.interface

    @property
    def phone(self) -> Phone:
        return self.pbx, self.interface


class Difference(msgspec.Struct, frozen=True, gc=False):
    """Where a PBX does not do as we wish. ``why``: what it said to the last command, if it refused it."""

    pbx: str
    queue: str
    we: str
    pbx_says: str
    why: str = ""


class _Try:
    """A wish that is not fulfilled: since when, how often it was tried, when it is tried next (monotonic seconds)."""

    __slots__ = ("next_at", "since", "told", "tries", "why")

    def __init__(self, now: float) -> None:
        self.since, self.next_at = now, now
        self.tries, self.why, self.told = 0, "", False


class Driver:
    """``run`` has to run. ``changed`` is told the phones whose differences came or went."""

    def __init__(self, clock: Clock, changed: Callable[[set[Phone]], None]) -> None:
        self.pbxs: Mapping[str, Pbx] = {}
        self._clock, self._changed = clock, changed
        self._wishes: dict[Key, Wish] = {}
        self._of_phone: dict[Phone, dict[Key, Wish]] = {}
        self._holds: dict[tuple[str, str], dict[str, QueueMember]] = {}
        self._up: set[str] = set()
        self._tries: dict[Key, _Try] = {}
        self._asked: dict[Key, Wish] = {}  # the wish that was last sent
        self._busy: set[Phone] = set()
        self._wake = asyncio.Event()

    # --- what is wished, and what is

    def wish(self, phone: Phone, wishes: Iterable[Wish]) -> None:
        """What shall be of one phone, whole: what is not in it is left as the PBX has it."""
        new = {wish.key: wish for wish in wishes}
        old = self._of_phone.pop(phone, {})
        for key in old.keys() - new.keys():
            del self._wishes[key]
            self._tries.pop(key, None)
            self._asked.pop(key, None)
        if new:
            self._of_phone[phone] = new
            self._wishes.update(new)
        for key, wish in new.items():
            if old.get(key) != wish:
                self._tries.pop(key, None)
                self._look(key)

    def holds(self, event: QueueChanged) -> set[str]:
        """Take in what a PBX holds; the interfaces that came, left, or were paused or unpaused."""
        place = (event.pbx, event.queue)
        known = self._holds.setdefault(place, {})
        gone: set[str] = set()
        if event.changed is None:
            gone = known.keys() - {member.interface for member in event.members}
        changed = set(gone)
        for interface in gone:
            del known[interface]
        for member in event.members if event.changed is None else event.changed:
            before, known[member.interface] = known.get(member.interface), member
            if before is None or _held(before) != _held(member):
                changed.add(member.interface)
        for interface in changed:
            self._look((*place, interface))
        return changed

    def link(self, pbx: str, up: bool) -> None:
        """The link to a PBX came or went: without it nothing is sent, and nothing can be said to differ."""
        (self._up.add if up else self._up.discard)(pbx)
        for key in [key for key in self._wishes if key[0] == pbx]:
            self._tries.pop(key, None)
            self._asked.pop(key, None)
            if up:
                self._look(key)

    def queues(self, pbx: str) -> Mapping[str, Mapping[str, QueueMember]]:
        """The queues of a PBX with their members."""
        return {queue: members for (name, queue), members in self._holds.items() if name == pbx}

    def members(self) -> list[Key]:
        """All that the PBXs hold."""
        return [(pbx, queue, interface) for (pbx, queue), held in self._holds.items() for interface in held]

    def member(self, key: Key) -> QueueMember | None:
        """What the PBX holds there."""
        return self._holds.get((key[0], key[1]), {}).get(key[2])

    def pending(self, key: Key) -> bool:
        """Is a wish there not fulfilled yet?"""
        return key in self._tries

    def differences(self, phones: Iterable[Phone]) -> tuple[Difference, ...]:
        """Where the PBX has not done as we wish for longer than a second."""
        keys = (key for phone in phones for key in self._of_phone.get(phone, ()))
        found = [(key, one) for key in keys if (one := self._tries.get(key)) is not None and one.told]
        return tuple(self._difference(key, one.why) for key, one in found if key[0] in self._up)

    def _difference(self, key: Key, why: str) -> Difference:
        wish, member = self._wishes[key], self.member(key)
        says = "out" if member is None else "paused" if member.paused else "in" if not wish.inside else "ready"
        we = ("paused" if wish.paused else "ready" if member is not None else "in") if wish.inside else "out"
        return Difference(wish.pbx, wish.queue, we, says, why)

    def _agrees(self, wish: Wish) -> bool:
        member = self.member(wish.key)
        if wish.inside:
            return member is not None and member.paused == wish.paused
        return member is None or (not member.dynamic and member.paused)

    def _look(self, key: Key) -> None:
        """Compare one wish with what is."""
        wish = self._wishes.get(key)
        if wish is None:
            return
        fits = self._agrees(wish)
        if fits and (self._says_so(wish) or self._asked.get(key) == wish):
            if (done := self._tries.pop(key, None)) is not None and done.told:
                self._changed({wish.phone})
            return
        if key not in self._tries:
            self._tries[key] = _Try(self._clock.monotonic())
        self._wake.set()

    def _says_so(self, wish: Wish) -> bool:
        """The reason of the pause too; a PBX that keeps no reasons is asked once and then left alone."""
        member = self.member(wish.key)
        return member is None or not member.paused or (member.paused_reason or "") == cut(wish.reason)

    # --- doing

    def tick(self) -> None:
        """Let time pass: what has differed for a second is told, and what is due is tried again."""
        now, told = self._clock.monotonic(), set()
        for key, one in self._tries.items():
            if key[0] not in self._up:
                continue
            if not one.told and now - one.since >= SHOWN_AFTER and not self._agrees(self._wishes[key]):
                one.told = True
                told.add(self._wishes[key].phone)
            if one.next_at <= now:
                self._wake.set()
        if told:
            self._changed(told)

    async def run(self) -> None:
        """Send what is due, for as long as the product runs."""
        self._busy.clear()
        async with asyncio.TaskGroup() as tasks:
            while True:
                if self._due():
                    self._wake.set()
                await self._wake.wait()
                self._wake.clear()
                for phone in self._due():
                    self._busy.add(phone)
                    tasks.create_task(self._make_equal(phone))

    def _due(self) -> set[Phone]:
        now = self._clock.monotonic()
        phones = {self._wishes[key].phone for key, one in self._tries.items() if one.next_at <= now}
        return {phone for phone in phones - self._busy if phone[0] in self.pbxs and phone[0] in self._up}

    async def _make_equal(self, phone: Phone) -> None:
        wishes = [wish for key, wish in self._of_phone.get(phone, {}).items() if key in self._tries]
        for wish in wishes:
            self._tried(wish)
        try:
            for send, meant in self._commands(phone, wishes):
                await self._send(send, meant)
        finally:
            self._busy.discard(phone)
            for key in self._of_phone.get(phone, {}):
                self._look(key)

    def _tried(self, wish: Wish) -> None:
        one = self._tries[wish.key]
        one.next_at = self._clock.monotonic() + TRY_AGAIN[min(one.tries, len(TRY_AGAIN) - 1)]
        one.tries += 1

    async def _send(self, command: Send, meant: list[Wish]) -> None:
        why = ""
        try:
            await command(self.pbxs[meant[0].pbx])
        except TamasError as error:
            why = str(error)
            known = all(one.why == why for wish in meant if (one := self._tries.get(wish.key)) is not None)
            level = logging.WARNING if isinstance(error, RefusedError) and not known else logging.DEBUG
            log.log(level, "PBX %s: %s in queue %s: %s", meant[0].pbx, meant[0].interface, meant[0].queue, why)
        for wish in meant:
            if not why:
                self._asked[wish.key] = wish
            if (one := self._tries.get(wish.key)) is not None:
                one.why = why

    def _commands(self, phone: Phone, wishes: list[Wish]) -> list[tuple[Send, list[Wish]]]:
        """What to send, in order: pauses first, all queues at once where that is meant."""
        out: list[tuple[Send, list[Wish]]] = []
        inside = [wish for wish in wishes if wish.inside and self.member(wish.key) is not None]
        pausing = [wish for wish in inside if wish.paused]
        if pausing and self._all_alike(phone, pausing):
            out.append((_pause(pausing[0], True, everywhere=True), pausing))
        else:
            out += [(_pause(wish, True), [wish]) for wish in pausing]
        for wish in wishes:
            member = self.member(wish.key)
            if wish.inside and member is None:
                out.append((_add(wish), [wish]))
                if wish.paused:
                    out.append((_pause(wish, True), [wish]))
            elif wish.inside and not wish.paused:
                out.append((_pause(wish, False), [wish]))
            elif not wish.inside and member is not None:
                out.append((_remove(wish) if member.dynamic else _pause(wish, True), [wish]))
        return out

    def _all_alike(self, phone: Phone, wishes: list[Wish]) -> bool:
        """Are these all queues in which the PBX has this phone?"""
        there = {(pbx, queue, phone[1]) for (pbx, queue), m in self._holds.items() if pbx == phone[0] and phone[1] in m}
        return {wish.key for wish in wishes} >= there and len({wish.reason for wish in wishes}) == 1


def _held(member: QueueMember) -> tuple[bool, str | None, bool]:
    """What of a member is for us to care about: what its phone does is told by its calls."""
    return member.paused, member.paused_reason, member.dynamic


def _pause(wish: Wish, paused: bool, *, everywhere: bool = False) -> Send:
    queue, reason = "" if everywhere else wish.queue, cut(wish.reason) if paused else ""
    return lambda pbx: pbx.pause_member(wish.interface, paused, queue=queue, reason=reason)


def _remove(wish: Wish) -> Send:
    return lambda pbx: pbx.remove_member(wish.queue, wish.interface)


def _add(wish: Wish) -> Send:
    async def add(pbx: Pbx) -> None:
        member = Member(wish.queue, wish.interface, wish.name, wish.state_interface)
        try:
            await pbx.add_member(member, paused=wish.paused)
        except PbxRefusedError as error:
            if "already there" not in str(error).lower():  # it is what we wish; the PBX will tell of it
                raise

    return add


def cut(reason: str) -> str:
    """As much of a reason as a PBX keeps, without half a letter at its end."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")
