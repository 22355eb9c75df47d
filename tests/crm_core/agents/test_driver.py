"""The PBX is made equal to what is wished, is asked again until it is, and where it is not is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from crm_core.agents.driver import REASON_BYTES, Driver, Phone, Wish, cut
from cti.control.fake import Command, FakePbx
from cti.control.port import Member, PbxRightError
from cti.kernel.clock import ManualClock
from cti.live.events import QueueChanged
from tests.crm_core.agents.floors import PHONE, T, member, queue
from tests.live import until


class Obedient(FakePbx):
    """A PBX that tells what it then holds, as QueueStatus does."""

    def __init__(self, told: Callable[[QueueChanged], object], **queues: set[str]) -> None:
        super().__init__(queues=queues)
        self.told, self.paused, self.static = told, dict[tuple[str, str], str](), set[str]()

    async def pause_member(self, interface: str, paused: bool, *, queue: str = "", reason: str = "") -> None:
        await super().pause_member(interface, paused, queue=queue, reason=reason)
        for name in [queue] if queue else [name for name, there in self.queues.items() if interface in there]:
            if paused:
                self.paused[name, interface] = reason
            else:
                self.paused.pop((name, interface), None)
            self.tell(name)

    async def add_member(self, member: Member, paused: bool = False) -> None:
        await super().add_member(member, paused)
        if paused:
            self.paused[member.queue, member.interface] = ""
        self.tell(member.queue)

    async def remove_member(self, queue: str, interface: str) -> None:
        await super().remove_member(queue, interface)
        self.tell(queue)

    def tell(self, name: str) -> None:
        held = [
            member(
                i, paused=(name, i) in self.paused, reason=self.paused.get((name, i)), dynamic=name not in self.static
            )
            for i in sorted(self.queues[name])
        ]
        self.told(queue(name, *held))


def wish(name: str = "sales", *, inside: bool = True, paused: bool = False, reason: str = "") -> Wish:
    return Wish("main", name, PHONE, inside, paused, reason, "Sara", "PJSIP/201")


@asynccontextmanager
async def driving(clock: ManualClock) -> AsyncIterator[tuple[Driver, Obedient, list[set[Phone]]]]:
    told: list[set[Phone]] = []
    driver = Driver(clock, told.append)
    pbx = Obedient(driver.holds, sales={PHONE}, support=set())
    driver.pbxs = {"main": pbx}
    for name in ("sales", "support"):
        pbx.tell(name)
    driver.link("main", True)
    task = asyncio.create_task(driver.run())
    try:
        yield driver, pbx, told
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def names(pbx: FakePbx) -> list[tuple[str, str]]:
    return [(one.name, str(one.arguments.get("queue", ""))) for one in pbx.commands]


async def test_a_pause_of_all_queues_is_one_command() -> None:
    async with driving(ManualClock()) as (driver, pbx, _):
        pbx.queues["support"].add(PHONE)
        pbx.tell("support")
        wishes = [wish(paused=True, reason="Lunch"), wish("support", paused=True, reason="Lunch")]
        driver.wish(("main", PHONE), wishes)
        await until(lambda: not driver.pending(wishes[0].key) and not driver.pending(wishes[1].key))
        assert pbx.commands == [
            Command("pause_member", {"interface": PHONE, "paused": True, "queue": "", "reason": "Lunch"})
        ]


async def test_he_is_added_named_and_with_his_state() -> None:
    async with driving(ManualClock()) as (driver, pbx, _):
        driver.wish(("main", PHONE), [wish("support", paused=True, reason="Lunch")])
        await until(lambda: not driver.pending(("main", "support", PHONE)))
        (added, paused) = pbx.commands
        assert added.arguments["member"] == Member("support", PHONE, "Sara", "PJSIP/201")
        assert paused.arguments["reason"] == "Lunch"


async def test_out_is_removed_but_a_static_member_is_paused() -> None:
    async with driving(ManualClock()) as (driver, pbx, _):
        pbx.static.add("sales")
        pbx.queues["support"].add(PHONE)
        for name in ("sales", "support"):
            pbx.tell(name)
        out = [wish(inside=False, paused=True, reason="out"), wish("support", inside=False, paused=True, reason="out")]
        driver.wish(("main", PHONE), out)
        await until(lambda: not driver.pending(out[0].key) and not driver.pending(out[1].key))
        assert names(pbx) == [("pause_member", "sales"), ("remove_member", "support")]


async def test_another_reason_is_told_once() -> None:
    async with driving(ManualClock()) as (driver, pbx, _):
        for reason in ("Lunch", "Meeting"):
            driver.wish(("main", PHONE), [wish(paused=True, reason=reason)])
            await until(lambda: not driver.pending(wish().key))
        assert [one.arguments["reason"] for one in pbx.commands] == ["Lunch", "Meeting"]


async def test_a_pbx_that_keeps_no_reasons_is_left_alone() -> None:
    async with driving(ManualClock()) as (driver, pbx, _):
        driver.wish(("main", PHONE), [wish(paused=True, reason="Lunch")])
        await until(lambda: not driver.pending(wish().key))
        driver.holds(queue("sales", member(paused=True, reason=None, dynamic=True)))
        await asyncio.sleep(0)
        assert not driver.pending(wish().key)
        assert len(pbx.commands) == 1


async def test_what_is_lost_in_a_restart_is_put_back() -> None:
    async with driving(ManualClock()) as (driver, pbx, _):
        driver.wish(("main", PHONE), [wish("support", paused=True, reason="Lunch")])
        await until(lambda: not driver.pending(("main", "support", PHONE)))
        driver.link("main", False)
        pbx.queues["support"].clear()
        pbx.paused.clear()
        pbx.tell("support")
        assert len(pbx.commands) == 2, "nothing is sent without a link"
        driver.link("main", True)
        await until(lambda: pbx.paused.get(("support", PHONE)) == "Lunch")


async def test_refused_it_is_shown_after_a_second_and_tried_again() -> None:
    class Refusing(Obedient):
        async def pause_member(self, interface: str, paused: bool, *, queue: str = "", reason: str = "") -> None:
            tries.append(clock.monotonic())
            if len(tries) < 4:
                raise PbxRightError("no right")
            await super().pause_member(interface, paused, queue=queue, reason=reason)

    clock, tries = ManualClock(), list[float]()
    async with driving(clock) as (driver, pbx, told):
        refusing = Refusing(driver.holds, **pbx.queues)
        driver.pbxs = {"main": refusing}
        driver.wish(("main", PHONE), [wish(paused=True, reason="Lunch")])
        await until(lambda: len(tries) == 1)
        driver.tick()
        assert driver.differences([("main", PHONE)]) == ()
        clock.advance(1.0)
        driver.tick()
        assert told == [{("main", PHONE)}]
        (one,) = driver.differences([("main", PHONE)])
        assert (one.queue, one.we, one.pbx_says, one.why) == ("sales", "paused", "ready", "no right")
        for n in (2, 3, 4):
            await until(lambda n=n: len(tries) >= n)  # type: ignore[misc]
            clock.advance(5.0)
            driver.tick()
        await until(lambda: driver.differences([("main", PHONE)]) == ())
        assert told[-1] == {("main", PHONE)}
        driver.link("main", False)
        assert driver.differences([("main", PHONE)]) == ()


async def test_where_nothing_is_wished_nothing_is_touched() -> None:
    async with driving(ManualClock()) as (driver, pbx, _):
        driver.wish(("main", PHONE), [wish(paused=True, reason="Lunch")])
        await until(lambda: not driver.pending(wish().key))
        driver.wish(("main", PHONE), [])
        driver.holds(queue("sales", member()))
        driver.tick()
        await asyncio.sleep(0)
        assert len(pbx.commands) == 1


@pytest.mark.parametrize("reason", ["Lunch", "ناهار" * 30, "x" * 200])
def test_a_reason_fits_into_what_the_pbx_keeps(reason: str) -> None:
    assert len(cut(reason).encode()) <= REASON_BYTES
    assert reason.startswith(cut(reason))


def test_only_what_changed_is_told() -> None:
    driver = Driver(ManualClock(), lambda _: None)
    assert driver.holds(queue("sales", member(), member("PJSIP/202"))) == {PHONE, "PJSIP/202"}
    assert driver.holds(queue("sales", member(), member("PJSIP/202", paused=True))) == {"PJSIP/202"}
    changed = QueueChanged("main", T, "sales", 0, (member(), member("PJSIP/202")), (member("PJSIP/202"),))
    assert driver.holds(changed) == {"PJSIP/202"}
    assert driver.holds(queue("sales", member())) == {"PJSIP/202"}
    assert driver.member(("main", "sales", "PJSIP/202")) is None
