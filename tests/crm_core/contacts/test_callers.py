"""The contact of each call that is up: told when it is known, again when it changes, never for who withheld."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec
import pytest

from crm_core.contacts.callers import CALM_SECONDS, Callers, CallersKnown, KnownCaller, other_key
from crm_core.contacts.events import PartyChanged
from crm_core.contacts.model import Draft, DraftNumber
from cti.kernel.actor import system
from cti.kernel.clock import ManualClock
from cti.live.events import CallChanged, CallEnded, CallStarted, LiveCall
from cti.live.record import Caller, CallRecord, Number
from tests.web import sample
from web.services import Crm

WHO = system("test")
MOBILE = "+989121112233"


def live(call_id: str = "c1", number: str | None = MOBILE, **changes: object) -> LiveCall:
    call = sample.live_calls()[0]
    caller = Caller(number, number, None)
    record = msgspec.structs.replace(call.record, id=call_id, direction="inbound", caller=caller, **changes)
    return msgspec.structs.replace(call, record=record)


async def make(crm: Crm, name: str, tier: str = "") -> str:
    draft = Draft(name=name, tier=tier, numbers=(DraftNumber(MOBILE),))
    return (await crm.contacts.create(WHO, "person", draft)).id


def callers_of(said: list[object]) -> list[Mapping[str, KnownCaller | None]]:
    return [event.callers for event in said if isinstance(event, CallersKnown)]


@pytest.fixture
def said() -> list[object]:
    return []


@pytest.fixture
def callers(crm: Crm, clock: ManualClock, said: list[object]) -> Callers:
    return Callers(crm.lookup, clock, said.append)


def started(call: LiveCall) -> CallStarted:
    return CallStarted(call=call, at=1.0)


async def test_told_once_and_again_when_it_changes(crm: Crm, callers: Callers, said: list[object]) -> None:
    one = await make(crm, "مریم", "vip")
    await make(crm, "سارا")
    callers.take(started(live()))
    callers.take(CallChanged(call=live(), at=2.0))
    await callers.look()
    await callers.look()
    assert callers_of(said) == [{"c1": KnownCaller(one, "مریم", "vip", 1)}]
    await crm.contacts.change(WHO, one, Draft(name="مریم رستگار"))
    callers.take(PartyChanged(one, "person", 1.0))
    await callers.look()
    assert callers_of(said)[1:] == [{"c1": KnownCaller(one, "مریم رستگار", "vip", 1)}]


async def test_a_call_whose_contact_becomes_known_and_unknown(crm: Crm, callers: Callers, said: list[object]) -> None:
    callers.take(started(live()))
    await callers.look()
    assert said == []
    one = await make(crm, "مریم")
    callers.take(PartyChanged(one, "person", 1.0))
    await callers.look()
    await crm.contacts.delete(WHO, one)
    callers.take(PartyChanged(one, "person", 2.0))
    await callers.look()
    assert callers_of(said) == [{"c1": KnownCaller(one, "مریم", "", 0)}, {"c1": None}]


async def test_who_withheld_and_extensions_are_nobody(crm: Crm, callers: Callers, said: list[object]) -> None:
    await make(crm, "مریم")
    callers.take(started(live(number=None)))
    callers.take(started(live("c2", "201")))
    await callers.look()
    assert said == []


async def test_calls_that_ended_are_forgotten(crm: Crm, callers: Callers, said: list[object]) -> None:
    one = await make(crm, "مریم")
    call = live()
    callers.take(started(call))
    callers.take(CallEnded(record=call.record, at=2.0))
    callers.take(PartyChanged(one, "person", 3.0))
    await callers.look()
    assert said == []


async def test_loaded_anew_all_is_told_again(crm: Crm, callers: Callers, said: list[object]) -> None:
    await make(crm, "مریم")
    callers.take(started(live()))
    await callers.look()
    callers.load([live(), live("c2")])
    await callers.look()
    assert isinstance(said[-1], CallersKnown)
    assert set(said[-1].callers) == {"c1", "c2"}


async def until(clock: ManualClock, done: Callable[[], bool]) -> None:
    for _ in range(500):
        if done():
            return
        clock.advance(CALM_SECONDS)
        await asyncio.sleep(0.01)
    pytest.fail("it never came")


async def test_while_it_runs(crm: Crm, clock: ManualClock, callers: Callers, said: list[object]) -> None:
    running = asyncio.create_task(callers.run())
    callers.take(started(live()))
    one = await make(crm, "مریم")
    callers.take(PartyChanged(one, "person", 1.0))
    await until(clock, lambda: bool(said))
    assert callers_of(said) == [{"c1": KnownCaller(one, "مریم", "", 0)}]
    running.cancel()


def test_whom_a_call_is_with() -> None:
    record: CallRecord = live().record
    assert other_key(record) == MOBILE
    out = msgspec.structs.replace(record, direction="outbound", dialled=Number("+982188664523", "88664523"))
    assert other_key(out) == "+982188664523"


async def test_everybody_who_may_be_meant_is_told(crm: Crm, callers: Callers, said: list[object]) -> None:
    first, second = await make(crm, "مریم", "vip"), await make(crm, "سارا")
    callers.take(started(live()))
    await callers.look()
    (event,) = said
    assert isinstance(event, CallersKnown)
    assert [(m.id, m.sure) for m in event.matches["c1"]] == [(first, True), (second, True)]
    assert await crm.contacts.change(WHO, second, Draft(name="سارا"))
    callers.take(PartyChanged(second, "person", 1.0))
    await callers.look()
    assert len(said) == 1, "that a contact was touched is no news"


async def test_a_fixed_number_without_its_area_code_is_a_maybe(crm: Crm, callers: Callers, said: list[object]) -> None:
    made = await crm.contacts.create(WHO, "person", Draft(name="بقالی", numbers=(DraftNumber("88664523"),)))
    callers.take(started(live(number="+982188664523")))
    callers.take(started(live("c2")))
    await callers.look()
    (event,) = said
    assert isinstance(event, CallersKnown)
    assert event.callers == {"c1": None}
    assert [(m.id, m.sure) for m in event.matches["c1"]] == [(made.id, False)]
