"""Commands: who may, what the PBX is told, and what a person is told when it cannot be. The same commands on a real
Asterisk: ``tests/pbx/test_control.py``."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cti.control import contexts
from cti.control.dialling import Number
from cti.control.port import PbxUnreachableError, Target
from cti.control.service import NO_PHONE, UNREACHABLE, mend, unconnected
from cti.kernel.actor import NOBODY, Actor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RefusedError,
    TooManyError,
    UnauthenticatedError,
)
from cti.live.causes import BY_COMMAND
from cti.live.events import CallChanged
from tests.cti.control.office import AGENT, CALL, REZA, SARA, SARAS, TRUNK, Office, agent

ON_A_CALL: dict[str, tuple[Any, ...]] = {
    "answer": (), "hangup": (), "hold": (), "unhold": (), "transfer": ("202",), "complete": (), "swap": (),
    "cancel": (),
    "join": (), "park": (), "fetch": (), "dtmf": ("1",), "record": (), "pause_recording": (),
}  # fmt: skip


async def test_a_click_rings_the_own_phone_first() -> None:
    office = Office(shown={"default": "021-91001000", "queue:sales": "+982191002000"})
    dialled = await office.commands.dial(SARA, "+98 912 111 2233", queue="sales")
    order = office.last("originate")["call"]
    assert (order.endpoint, order.target) == ("PJSIP/201", Target("09121112233", contexts.DIAL))
    assert dialled.call == f"main-{order.uniqueid}"
    assert order.variables == {contexts.CALLER: "201", contexts.SHOWN: "+982191002000"}
    assert order.answers == "call-info"
    assert [(step.step, step.user, step.to) for step in office.steps] == [("my_phone", "u201", "09121112233")]


async def test_a_phone_that_hears_itself() -> None:
    office = Office()
    echoing = await office.commands.echo(SARA)
    order = office.last("originate")["call"]
    assert (order.endpoint, order.target) == ("PJSIP/201", Target("s", contexts.ECHO))
    assert (order.caller_number, order.answers, echoing.extension) == ("201", "call-info", "201")
    assert echoing.call == f"main-{order.uniqueid}"
    assert office.steps == []  # nobody is called, so no card tells of it
    with pytest.raises(ConflictError, match="in a call"):
        await Office().in_call().commands.echo(SARA)
    with pytest.raises(ForbiddenError):
        await office.commands.echo(agent("201", permissions=frozenset()))
    with pytest.raises(RefusedError, match=NO_PHONE):
        await office.commands.echo(agent("299"))
    without = Office()
    without.pbx.contexts.clear()
    with pytest.raises(RefusedError, match="cti dialplan"):
        await without.commands.echo(SARA)


async def test_the_phone_that_rings_is_the_one_that_is_there() -> None:
    """T73: the wrong device rings."""
    office = Office(phones={"PJSIP/202": "softphone"})
    both = msgspec.structs.replace(SARA, extensions=frozenset({"201", "202"}))
    await office.commands.dial(both, "203")
    assert office.last("originate")["call"].endpoint == "PJSIP/202"
    await office.commands.dial(both, "203", phone="201")
    assert office.last("originate")["call"].endpoint == "PJSIP/201"
    office.phones["202"] = msgspec.structs.replace(office.phones["202"], reachable=False)
    await office.commands.dial(both, "203")
    assert office.last("originate")["call"].endpoint == "PJSIP/201"
    with pytest.raises(RefusedError, match="Extension 203 is not a phone"):
        await office.commands.dial(both, "09121112233", phone="203")
    with pytest.raises(RefusedError, match="Your phone 202 is not registered"):
        await office.commands.dial(REZA, "203")
    with pytest.raises(RefusedError, match=NO_PHONE):
        await office.commands.dial(agent("299"), "203")
    assert UNREACHABLE


async def test_who_may_dial_what_and_how_often() -> None:
    office = Office(per_minute=2, roles={"trainee": ("internal",)})
    with pytest.raises(ForbiddenError, match="numbers abroad"):
        await office.commands.dial(SARA, "004930123456")
    with pytest.raises(ForbiddenError, match="mobile numbers"):
        await office.commands.dial(agent("201", "trainee"), "09121112233")
    with pytest.raises(ForbiddenError):
        await office.commands.dial(agent("201", permissions=frozenset({"desk.use"})), "202")
    for _ in range(2):
        await office.commands.dial(SARA, "202")
    with pytest.raises(TooManyError):
        await office.commands.dial(SARA, "202")
    await office.commands.dial(REZA, "201")
    office.clock.advance(61)
    await office.commands.dial(SARA, "202")


async def test_who_is_not_to_be_called_is_called_only_by_who_may() -> None:
    office = Office()

    async def marked(_actor: Actor, number: Number, contact: str) -> str:
        return "Maryam" if number.e164 == "+989121112233" or contact == "c1" else ""

    office.commands.not_to_be_called = marked
    lead = agent("201", "supervisor", AGENT | {"calls.view_team"})
    for actor, anyway in ((SARA, False), (SARA, True), (lead, False)):
        with pytest.raises(ConflictError, match="Maryam is marked as not to be called"):
            await office.commands.dial(actor, "09121112233", anyway=anyway)
    with pytest.raises(ConflictError):
        await office.commands.dial(SARA, "202", contact="c1")
    await office.commands.dial(lead, "09121112233", anyway=True)
    assert office.said == ["originate"]


async def test_without_the_include_nothing_rings() -> None:
    """A channel sent to a context that is not there rings, is answered, and is hung up: success that is none."""
    office = Office()
    office.pbx.contexts.clear()
    with pytest.raises(RefusedError, match="cti dialplan"):
        await office.commands.dial(SARA, "202")
    office.in_call()
    with pytest.raises(RefusedError, match="cti dialplan"):
        await office.commands.transfer(SARA, CALL, "202")
    assert office.said == []


async def test_a_pbx_that_is_away_is_said_and_the_card_ends() -> None:
    office = Office()
    await office.phonebook.include("main")
    office.pbx.reachable = False
    with pytest.raises(PbxUnreachableError):
        await office.commands.dial(SARA, "202")
    assert [(step.step, step.over) for step in office.steps] == [("my_phone", False), ("failed", True)]


@pytest.mark.parametrize("verb", ON_A_CALL)
async def test_only_on_calls_of_ones_own(verb: str) -> None:
    office = Office().in_call()
    command, more = getattr(office.commands, verb), ON_A_CALL[verb]
    with pytest.raises(UnauthenticatedError):
        await command(NOBODY, CALL, *more)
    with pytest.raises(ForbiddenError):
        await command(agent("201", permissions=frozenset()), CALL, *more)
    if verb != "fetch":
        with pytest.raises(ForbiddenError, match="not a call of yours"):
            await command(REZA, CALL, *more)
    with pytest.raises(NotFoundError):
        await command(SARA, "main-9.9", *more)
    assert office.said == []


async def test_hanging_up_and_rejecting() -> None:
    office = Office()
    office.desk.born("1.0", "trunk", number="09121112233", exten="5001").dial("1.0", "1.1", "201", "5001")
    await office.tell().commands.hangup(SARA, CALL)
    assert office.last("hangup") == {"channel": SARAS, "cause": 21}
    office = Office().in_call()
    await office.commands.hangup(SARA, CALL)
    assert office.last("hangup") == {"channel": SARAS, "cause": BY_COMMAND}


async def test_a_desk_phone_is_told_and_others_are_not() -> None:
    office = Office(phones={"PJSIP/201": "poly"}).in_call()
    await office.commands.hold(SARA, CALL)
    assert office.last("notify") == {"channel": SARAS, "notice": "hold"}
    await office.commands.unhold(SARA, CALL)
    assert office.last("notify")["notice"] == "talk"
    with pytest.raises(ConflictError, match="Nothing rings"):
        await office.commands.answer(SARA, CALL)
    for make, reason in (("grandstream", "this model"), ("unknown", "does not say"), ("softphone", "in the browser")):
        office = Office(phones={"PJSIP/201": make}).in_call()
        with pytest.raises(RefusedError, match=reason):
            await office.commands.hold(SARA, CALL)
        assert office.said == []  # and never parked instead


async def test_a_blind_transfer_goes_through_a_context_that_brings_back() -> None:
    office = Office().in_call()
    await office.commands.transfer(SARA, CALL, "۲۰۲")
    assert office.last("blind_transfer") == {"channel": SARAS, "target": Target("202", contexts.TRANSFER)}
    assert office.variables(TRUNK) == {contexts.BY: SARAS, contexts.PHONE: "PJSIP/201", contexts.SECONDS: "30"}
    with pytest.raises(InvalidError):
        await office.commands.transfer(SARA, CALL, "SIP/202@evil")
    with pytest.raises(ForbiddenError):
        await office.commands.transfer(SARA, CALL, "0049301234567")


async def test_what_the_pbx_refuses_is_said_so_that_one_can_act_on_it() -> None:
    office = Office().in_call()
    office.pbx.channels.clear()
    with pytest.raises(ConflictError, match=r"Look again\. \(The PBX says: No such channel\)"):
        await office.commands.hangup(SARA, CALL)


async def test_parking_and_fetching() -> None:
    office = Office().in_call()
    await office.commands.park(SARA, CALL)
    assert office.last("park") == {"channel": TRUNK, "announce_to": SARAS, "seconds": None}
    with pytest.raises(ConflictError, match="not parked"):
        await office.commands.fetch(SARA, CALL)


async def test_keys() -> None:
    office = Office().in_call()
    with pytest.raises(InvalidError):
        await office.commands.dtmf(SARA, CALL, "1,SHELL")
    await office.commands.dtmf(SARA, CALL, "5")
    assert office.last("play_digit") == {"channel": TRUNK, "digit": "5"}


async def test_a_call_that_became_part_of_another_is_found() -> None:
    office = Office().in_call()
    call = office.book.get(CALL)
    assert call is not None
    office.book._into["main-7.7"] = CALL
    await office.commands.hangup(SARA, "main-7.7")
    assert office.said == ["hangup"]


async def test_the_last_of_a_conference_of_ours_is_not_left_alone() -> None:
    office = Office().in_call()
    record = msgspec.structs.replace(office.book.get(CALL).record, conference="tamas-12345678")  # type: ignore[union-attr]
    office.desk.channel("1.0").conference = "tamas-12345678"
    call = msgspec.structs.replace(office.book.get(CALL), record=record)  # type: ignore[type-var]
    await office.commands.tend(CallChanged(office.desk.at, call))  # type: ignore[arg-type]
    assert office.said == []  # two are in it
    office.desk.leave("b", "1.1").gone("1.1")
    two = (*record.legs, record.legs[0])
    call = msgspec.structs.replace(call, record=msgspec.structs.replace(record, legs=two))  # type: ignore[type-var]
    await office.commands.tend(CallChanged(office.desk.at, call))  # type: ignore[arg-type]
    assert office.last("hangup")["channel"] == TRUNK


async def test_where_there_is_no_pbx() -> None:
    commands = unconnected(ManualClock())
    with pytest.raises(RefusedError, match=NO_PHONE):
        await commands.dial(SARA, "202")
    with pytest.raises(NotFoundError):
        await commands.hangup(SARA, CALL)


async def test_after_a_start_no_recording_stays_silent() -> None:
    office = Office().in_call()
    call = office.book.get(CALL)
    assert call is not None
    record = msgspec.structs.replace(call.record, recordings=("a.wav",))
    office.book.load([msgspec.structs.replace(call, record=record)])
    await mend(office.commands)
    assert office.said == ["mute_recording", "mute_recording"]
    assert office.last("mute_recording")["muted"] is False
    await office.commands.pause_recording(SARA, CALL)
    told = len(office.said)
    await mend(office.commands)  # what was paused meanwhile is meant to be
    assert len(office.said) == told
