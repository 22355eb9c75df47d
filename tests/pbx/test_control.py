"""Commands of agents on a real Asterisk: calling by a click, transfers, hold by remote control, parking, recordings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ami_listener.actions import AmiPbx
from ami_listener.truth.source import open_truth
from cti.control import contexts
from cti.control.dials import (
    MY_BUSY,
    MY_DECLINED,
    MY_NOANSWER,
    MY_UNREACHABLE,
    THEIR_LINE,
    THEY_REFUSED,
    WRONG_NUMBER,
    Click,
)
from cti.control.parts import NOT_YOURS, prepare_to_wait
from cti.control.port import Originate, Target
from cti.control.service import Commands
from cti.kernel.actor import Actor
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, RefusedError
from cti.live.events import DialStep, LiveCall, RecordingPaused
from cti.live.record import CallRecord
from tests.crm_core.users import people
from tests.live import Running, running_product, until
from tests.pbx.asterisk import SECRETS, Asterisk
from tests.pbx.flows.people import FAR, MOBILE, picks_up
from tests.pbx.phones import Phones
from tests.pbx.probe import Probe, Recording
from tests.pbx.scenario import Caller, Step, answer, bye, dial, obey, reject, ring, ring_until_told, talk
from tests.pbx.truth import read
from tests.pbx.verdict import disagreements

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]

AGENTS = {"sara": "201", "reza": "202", "nika": "203"}


class House:
    """A product beside a PBX, with three agents at their phones."""

    def __init__(self, running: Running, phones: Phones, actors: dict[str, Actor], probe: Probe) -> None:
        self.running, self.phones, self.probe = running, phones, probe
        self.sara, self.reza, self.nika = (actors[name] for name in AGENTS)
        self.steps: list[DialStep] = []
        self.pauses: list[RecordingPaused] = []
        running.product.bus.subscribe("test", DialStep, self.steps.append)
        running.product.bus.subscribe("test", RecordingPaused, self.pauses.append)

    @property
    def commands(self) -> Commands:
        return self.running.product.control.commands

    @property
    def pbx(self) -> AmiPbx:
        found = self.running.product.pbxs["main"]
        assert isinstance(found, AmiPbx)
        return found

    async def listen(self, **phones: tuple[Step, ...]) -> None:
        """`_201=(...)`: what the phone does."""
        for name, steps in phones.items():
            await self.phones.listen(name.lstrip("_"), *steps)

    def caller(self, number: str = "5001", *steps: Step) -> None:
        self.phones.call(Caller(MOBILE), number, dial(), *(steps or (talk(30), bye())))

    def live(self) -> LiveCall | None:
        return next(iter(self.running.live()), None)

    async def one(self, what: Callable[[LiveCall], Any], seconds: float = 10) -> LiveCall:
        """The only call, once it is so."""

        def found() -> LiveCall | None:
            call = self.live()
            return call if call is not None and what(call) else None

        call: LiveCall = await until(found, seconds, lambda: str(self.live()))
        return call

    async def talking(self, *extensions: str, **more: Any) -> LiveCall:
        """The only call, once exactly these phones (or `out`, a line outside) talk with each other."""
        return await self.one(lambda call: self.together(call) == set(extensions), **more)

    def together(self, call: LiveCall) -> set[str]:
        """Who hears whom: the largest group."""
        tracker = self.commands.parts.tracker("main")
        assert tracker is not None
        names = {p.uniqueid: "out" if p.outside else p.extension or "" for p in tracker.parties(call.record.id)}
        groups = [
            {names[p.uniqueid], *(names[mate] for mate in p.mates)} for p in tracker.parties(call.record.id) if p.mates
        ]
        return max(groups, key=len, default=set())

    async def told(self, step: str) -> DialStep:
        """The step of a call by a click, once it is told."""
        found: DialStep = await until(
            lambda: next((one for one in self.steps if one.step == step), None), 15, lambda: str(self.steps)
        )
        return found

    @property
    def way(self) -> list[str]:
        return [step.step for step in self.steps]

    async def record(self) -> CallRecord:
        """The record of the only call, when it is over."""
        await self.running.quiet()
        (record,) = await self.running.records()
        return record


@asynccontextmanager
async def at_work(asterisk: Asterisk, folder: Path, **settings: Any) -> AsyncIterator[House]:
    urls = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions"), **settings}
    phones = Phones(asterisk, folder / "sipp")
    try:
        async with running_product(folder / "data", asterisk.profile, language="en", **urls) as running:
            await running.connected()
            crm, actors = running.product.crm, {}
            for login, extension in AGENTS.items():
                user = await people.make(crm, login, extensions=(extension,))
                actors[login] = (await people.sign_in(crm, user))[0]
            await crm.desks.tell()
            await until(lambda: all((p := running.product.places.of(a.id)) and p.phones for a in actors.values()), 10)
            await until(lambda: all(x.state.phase == "up" for x in running.product.actors), 10)
            async with Probe(asterisk.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
                try:
                    yield House(running, phones, actors, probe)
                finally:
                    await until(lambda: _hung_up(probe, running), 10, lambda: str(running.live()))
    finally:
        phones.close()


async def _hung_up(probe: Probe, running: Running) -> bool:
    await probe.send("Command", Command="channel request hangup all")
    return not running.live()


# --- the include


async def test_asterisk_takes_the_include_and_has_each_context(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        questions = house.running.product.control.questions["main"]
        for context in contexts.CONTEXTS:
            assert await questions.has_context(context) is True
        assert await questions.has_context("tamas-nothing") is False
        said = await house.probe.send("Command", Command="dialplan show tamas-keep")
        assert "1 extension (14 priorities)" in str(said)
        await house.listen(_201=picks_up())
        await house.pbx.originate(Originate("PJSIP/201", Target("s", contexts.ECHO), "tamas-echo-1"))
        await house.probe.wait(lambda m: m.get("Event") == "Newexten" and m.get("Application") == "Echo", 0)


async def test_the_freepbx_dialplan_takes_it_too(asterisk_freepbx: Asterisk) -> None:
    async with Probe(asterisk_freepbx.ami, "recorder", SECRETS["recorder"], Recording()) as probe:
        for context in contexts.CONTEXTS:
            answer = await probe.send("ShowDialPlan", Context=context)
            assert answer["Response"] == "Success", context
    assert "tamas" not in "".join(line for line in asterisk_freepbx.log().splitlines() if "ERROR" in line)


# --- calling by a click


async def test_a_click_that_is_answered(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.5), trunk=(ring(1), answer(), talk(1.5), bye()))
        dialled = await house.commands.dial(house.sara, "+98 912 111 2233")
        call = await house.talking("201", "out")
        assert call.record.id == dialled.call
        await house.told("over")
        assert house.way == ["my_phone", "dialling", "they_ring", "talking", "over"]
        assert [step.over for step in house.steps] == [False] * 4 + [True]
        record = await house.record()
        assert (record.direction, record.outcome, record.dialled.raw) == ("outbound", "answered", FAR)
        assert record.caller.raw == "201"
        assert house.probe.messages
        begun = next(m for m in house.probe.messages if m.get("Event") == "DialBegin" and "trunk" in m["DestChannel"])
        assert (begun["CallerIDNum"], begun["CallerIDName"]) == ("201", "<unknown>")


@pytest.mark.parametrize(
    ("far", "step", "reason"),
    [
        (reject(486), "busy", ""),
        (reject(603), "refused", THEY_REFUSED),
        (reject(403), "refused", THEY_REFUSED),
        (reject(404), "failed", THEIR_LINE),
        (reject(503), "failed", THEIR_LINE),
    ],
)
async def test_a_click_to_somebody_who_does_not_answer(
    asterisk: Asterisk, tmp_path: Path, far: Step, step: str, reason: str
) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3), trunk=(far,))
        await house.commands.dial(house.sara, FAR)
        told = await house.told(step)
        assert (told.reason, told.over, told.user, told.to) == (reason, True, house.sara.id, FAR)
        assert house.way[0] == "my_phone"
        assert "talking" not in house.way


@pytest.mark.parametrize(
    ("mine", "reason"),
    [((reject(486),), MY_BUSY), ((ring(0.3), reject(603)), MY_DECLINED), ((ring(),), MY_NOANSWER)],
)
async def test_a_click_whose_own_phone_is_not_picked_up_calls_nobody(
    asterisk: Asterisk, tmp_path: Path, mine: tuple[Step, ...], reason: str
) -> None:
    """T72: the own phone rings, the other side is never dialled, and the screen says success."""
    async with at_work(asterisk, tmp_path, dialling={"ring_seconds": 2}) as house:
        await house.listen(_201=mine, trunk=picks_up())
        await house.commands.dial(house.sara, FAR)
        told = await house.told("failed")
        ends = [m for m in house.probe.messages if m.get("Event") in ("Hangup", "OriginateResponse", "DialEnd")]
        assert (told.reason, told.over) == (reason, True), ends
        assert house.way == ["my_phone", "failed"]
        assert not [m for m in house.probe.messages if "trunk" in m.get("DestChannel", "")]


async def test_a_click_and_a_call_that_rings_are_given_up(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=(ring(),), _202=(ring(),), _203=picks_up(0.3))
        dialled = await house.commands.dial(house.sara, FAR)
        await house.one(lambda call: call.state == "ringing")
        await house.commands.hangup(house.sara, dialled.call)
        await house.told("failed")
        house.caller("5022")  # 201 for three seconds, then 202
        call = await house.one(lambda call: call.state == "ringing")
        begun = asyncio.get_running_loop().time()
        await house.commands.hangup(house.sara, call.record.id)
        await house.one(lambda call: any(leg.extension == "202" for leg in call.legs))
        assert asyncio.get_running_loop().time() - begun < 1.5


async def test_a_click_to_a_number_that_the_pbx_does_not_know(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3))
        await house.commands.dial(house.sara, "5999")
        assert (await house.told("failed")).reason == WRONG_NUMBER


async def test_a_phone_that_is_not_registered_is_said_before_and_after(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        user = await people.make(house.running.product.crm, "omid", extensions=("210",))
        omid = (await people.sign_in(house.running.product.crm, user))[0]
        await house.running.product.crm.desks.tell()
        await until(lambda: house.running.product.places.of(omid.id), 10)
        with pytest.raises(RefusedError, match="210 is not registered"):
            await house.commands.dial(omid, FAR)
        assert house.steps == []
        # And where the directory has not heard of it yet, the PBX's own word tells.
        house.running.product.control.dials.begin(Click("main", omid.id, "tamas-1795.1", FAR), 0.0)
        await house.pbx.originate(Originate("PJSIP/210", Target(FAR, contexts.DIAL), "tamas-1795.1"))
        assert (await house.told("failed")).reason == MY_UNREACHABLE


@pytest.mark.parametrize(
    "number",
    ["SIP/201@evil", "202\r\nAction: Command", "202,1", "202|x", "202&203", "*72202", "#1", "${SHELL(id)}", "", "20a"],
)
async def test_hostile_numbers_reach_no_pbx(asterisk: Asterisk, tmp_path: Path, number: str) -> None:
    async with at_work(asterisk, tmp_path) as house:
        before = len(house.probe.messages)
        with pytest.raises(InvalidError):
            await house.commands.dial(house.sara, number)
        await house.probe.send("Ping")
        assert not [m for m in house.probe.messages[before:] if m.get("Event") == "Newchannel"]


# --- handing over


async def test_a_blind_transfer_and_who_may_not(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3), _202=picks_up(0.5))
        house.caller("5001", talk(3), bye())
        call = await house.talking("201", "out")
        for command in (house.commands.hangup, house.commands.park, house.commands.complete):
            with pytest.raises(ForbiddenError, match=NOT_YOURS):
                await command(house.reza, call.record.id)
        with pytest.raises(ForbiddenError):
            await house.commands.transfer(house.sara, call.record.id, "004930123456")
        await house.commands.transfer(house.sara, call.record.id, "202")
        await house.talking("202", "out")
        record = await house.record()
        assert [(t.kind, t.from_, t.to) for t in record.transfers] == [("blind", "PJSIP/201", "202")]
        with pytest.raises(NotFoundError):
            await house.commands.hangup(house.sara, call.record.id)


async def test_a_transfer_to_a_number_that_is_not_there_comes_back(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.5))
        house.caller()
        call = await house.talking("201", "out")
        first = call.legs[0].uniqueid
        await house.commands.transfer(house.sara, call.record.id, "5999")
        call = await house.one(lambda call: any(leg.uniqueid != first and leg.state == "talking" for leg in call.legs))
        assert house.together(call) == {"201", "out"}


async def consulting(house: House, number: str = "5001", answers: Step | None = None) -> LiveCall:
    """Sara talks with a caller and asks Reza."""
    await house.listen(_201=picks_up(0.3), _202=picks_up(0.5))
    house.caller(number)
    call = await house.talking("201", "out")
    await house.commands.transfer(house.sara, call.record.id, "202", attended=True)
    call = await house.talking("201", "202")
    assert call.consult is not None
    assert (call.consult.answered, call.consult.to) == (True, "202")
    return call


async def test_an_attended_transfer_is_completed(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        size = asterisk.cel.stat().st_size
        call = await consulting(house)
        assert call.state == "held"
        await asyncio.sleep(1.2)
        await house.commands.complete(house.sara, call.record.id)
        await house.talking("202", "out")
        await house.one(lambda call: [leg.extension for leg in call.legs if leg.state != "ended"] == ["202"])
        await asyncio.sleep(1.0)
        await house.commands.hangup(house.reza, call.record.id)
        record = await house.record()
        assert [(t.kind, t.from_, t.to) for t in record.transfers] == [("attended", "PJSIP/201", "202")]
        assert 1.2 <= record.hold_seconds < 4.0
        assert (record.outcome, record.hung_up_by) == ("answered", "agent")
        truth = tmp_path / "cel.csv"
        truth.write_bytes(asterisk.cel.read_bytes().partition(b"\n")[0] + b"\n" + asterisk.cel.read_bytes()[size:])
        # CEL has no row for what a command does.
        unknown = msgspec.structs.replace(record, transfers=(), hung_up_by="system")
        assert disagreements([unknown], read(truth), 0.3) == []


async def test_taken_back_and_asked_again(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        call = await consulting(house)
        await house.commands.cancel(house.sara, call.record.id)
        call = await house.talking("201", "out")
        await house.one(lambda call: [leg.extension for leg in call.legs if leg.state != "ended"] == ["201"])
        await house.listen(_203=picks_up(0.3))
        await house.commands.transfer(house.sara, call.record.id, "203", attended=True)
        await house.talking("201", "203")
        await house.commands.complete(house.sara, call.record.id)
        await house.talking("203", "out")
        await house.commands.hangup(house.nika, call.record.id)
        record = await house.record()
        assert [(t.kind, t.to) for t in record.transfers] == [("attended", "203")]


async def test_swapped_twice_and_completed(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        call = await consulting(house)
        await house.commands.swap(house.sara, call.record.id)
        call = await house.talking("201", "out")
        assert call.consult is not None
        assert call.consult.waits == call.consult.target
        await house.commands.swap(house.sara, call.record.id)
        await house.talking("201", "202")
        await house.commands.swap(house.sara, call.record.id)
        await house.talking("201", "out")
        await house.commands.complete(house.sara, call.record.id)
        await house.talking("202", "out")
        await house.one(lambda call: [leg.extension for leg in call.legs if leg.state != "ended"] == ["202"])


async def test_swapped_and_cancelled(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        call = await consulting(house)
        await house.commands.swap(house.sara, call.record.id)
        await house.talking("201", "out")
        await house.commands.cancel(house.sara, call.record.id)
        await house.one(lambda call: [leg.extension for leg in call.legs if leg.state != "ended"] == ["201"])
        await asyncio.sleep(1.5)
        await house.talking("201", "out")


async def test_three_talk(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        call = await consulting(house)
        await house.commands.join(house.sara, call.record.id)
        await house.talking("201", "202", "out")
        await house.commands.hangup(house.sara, call.record.id)
        call = await house.talking("202", "out")
        await house.commands.hangup(house.reza, call.record.id)
        record = await house.record()  # the caller, alone in it, is not left there
        assert record.transfers == ()
        assert (record.conference or "").startswith(contexts.ROOM)
        profile = house.running.product.listeners[0].profile
        source = open_truth(str(asterisk.truth), profile=profile, pbx="main", zone=UTC)
        reading = await source.read((record.started_at or 0) - 1, (record.ended_at or 0) + 5)
        await source.close()
        (true,) = [one for one in reading.records if set(one.linkedids) & set(record.linkedids)]
        assert (true.transfers, true.outcome) == ((), "answered")
        assert record.hung_up_by == true.hung_up_by == "agent"


async def test_completed_while_it_rings(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3), _202=picks_up(2))
        house.caller()
        call = await house.talking("201", "out")
        await house.commands.transfer(house.sara, call.record.id, "202", attended=True)
        await house.one(lambda call: call.consult and call.consult.target)
        with pytest.raises(ConflictError):
            await house.commands.swap(house.sara, call.record.id)
        await house.commands.complete(house.sara, call.record.id)
        call = await house.talking("202", "out")
        assert [(t.kind, t.to) for t in call.record.transfers] == [("attended", "202")]


async def test_who_is_asked_does_not_answer_and_the_caller_is_back(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3), _202=(ring(0.5), reject(486)))
        house.caller()
        call = await house.talking("201", "out")
        await house.commands.transfer(house.sara, call.record.id, "202", attended=True)
        await house.one(lambda call: call.consult)
        await house.talking("201", "out", seconds=15)
        await house.one(lambda call: call.consult is None)


async def test_the_agents_phone_dies_while_asking_and_the_caller_is_kept(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        call = await consulting(house)
        first = next(leg.uniqueid for leg in call.legs if leg.extension == "201")
        await house.commands.hangup(house.sara, call.record.id)
        call = await house.one(
            lambda call: any(
                leg.extension == "201" and leg.uniqueid != first and leg.state == "talking" for leg in call.legs
            ),
            15,
        )
        assert house.together(call) == {"201", "out"}
        assert call.record.transfers == ()


async def test_a_caller_whose_agents_page_is_gone_is_kept_and_then_in_the_queue(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_203=(ring(0.3), answer(), talk()))
        house.caller("5013")
        call = await house.talking("203", "out")
        leg = next(leg for leg in call.legs if leg.extension == "203")
        house.phones.close()
        await house.listen(_203=(ring(),))
        part = house.commands.parts.of(house.nika, call.record.id)
        await prepare_to_wait(part, part.with_me())
        await part.pbx.set_variable(part.with_me().channel, contexts.SECONDS, "2")
        await part.pbx.redirect(part.with_me().channel, Target(contexts.START, contexts.KEEP))
        call = await house.one(lambda call: len(call.record.queue_waits) == 2, 15)
        assert leg.uniqueid not in {one.uniqueid for one in call.legs if one.state != "ended"}


async def test_behind_freepbx_a_queue_call_is_handed_over_attended(asterisk_freepbx: Asterisk, tmp_path: Path) -> None:
    """The agent sits behind a Local channel of the queue, and so does whoever he asks."""
    async with at_work(asterisk_freepbx, tmp_path) as house:
        await house.listen(_201=picks_up(0.5), _99201=(ring(),), _202=picks_up(0.5), _203=(ring(),))
        house.caller("02188880201")
        call = await house.talking("201", "out")
        await house.commands.transfer(house.sara, call.record.id, "202", attended=True)
        await house.talking("201", "202")
        await house.commands.swap(house.sara, call.record.id)
        await house.talking("201", "out")
        await house.commands.complete(house.sara, call.record.id)
        await house.talking("202", "out")
        await house.commands.hangup(house.reza, call.record.id)
        record = await house.record()
        assert [(t.kind, t.from_, t.to) for t in record.transfers] == [("attended", "PJSIP/201", "202")]


async def test_behind_freepbx_an_agent_of_a_queue_asks_and_takes_back(
    asterisk_freepbx: Asterisk, tmp_path: Path
) -> None:
    async with at_work(asterisk_freepbx, tmp_path) as house:
        await house.listen(_201=picks_up(0.5), _99201=(ring(),), _202=(ring(),), _203=(ring(),))
        house.caller("02188880400")
        call = await house.talking("201", "out", seconds=20)
        assert call.record.queue == "400"
        await house.commands.transfer(house.sara, call.record.id, "204", attended=True)
        await house.one(lambda call: call.consult is not None)
        await house.commands.cancel(house.sara, call.record.id)
        call = await house.talking("201", "out")
        assert call.record.transfers == ()


# --- phones, parking, recordings


async def test_a_desk_phone_answers_and_holds_by_remote_control(asterisk: Asterisk, tmp_path: Path) -> None:
    """The phone is a sipp that goes on only at a NOTIFY with `Event: talk`, `hold` and `talk`, in this order."""
    async with at_work(asterisk, tmp_path, dialling={"phones": {"PJSIP/201": "yealink"}}) as house:
        await house.listen(_201=(ring_until_told(), obey(), talk()))
        house.caller()
        call = await house.one(lambda call: call.state == "ringing")
        await house.commands.answer(house.sara, call.record.id)
        await house.talking("201", "out")
        await house.commands.hold(house.sara, call.record.id)
        await house.one(lambda call: call.state == "held")
        await house.commands.unhold(house.sara, call.record.id)
        await house.one(lambda call: call.state == "talking")
        with pytest.raises(ConflictError):
            await house.commands.answer(house.sara, call.record.id)


async def test_a_phone_of_no_known_make_is_not_told_and_nobody_is_parked_instead(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3))
        house.caller()
        call = await house.talking("201", "out")
        with pytest.raises(RefusedError, match="Press the button on your phone"):
            await house.commands.hold(house.sara, call.record.id)
        assert (await house.talking("201", "out")).record.transfers == ()


async def test_parked_and_fetched(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3), _202=picks_up(0.3))
        house.caller()
        call = await house.talking("201", "out")
        await house.commands.park(house.sara, call.record.id)
        call = await house.one(lambda call: call.state == "parked")
        await house.commands.fetch(house.reza, call.record.id)
        call = await house.talking("202", "out")
        assert call.record.transfers[0].kind == "park"
        with pytest.raises(ConflictError):
            await house.commands.fetch(house.sara, call.record.id)


async def test_keys_are_taken(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3))
        house.caller()
        call = await house.talking("201", "out")
        await house.commands.dtmf(house.sara, call.record.id, "12#")
        with pytest.raises(InvalidError):
            await house.commands.dtmf(house.sara, call.record.id, "1;2")


async def test_a_recording_is_paused_and_resumes_by_itself(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3), _202=(ring(),), _203=(ring(),))
        house.caller("5012")
        call = await house.talking("201", "out")
        await house.one(lambda call: call.record.recordings)

        def mutes() -> list[str]:
            return [m["State"] for m in house.probe.messages if m.get("Event") == "MixMonitorMute"]

        until_ = await house.commands.pause_recording(house.sara, call.record.id, seconds=1.5)
        assert until_ is not None
        await until(lambda: "1" in mutes(), 5, mutes)
        await until(lambda: mutes()[-1] == "0" and len(house.pauses) == 2, 5, mutes)
        assert [(p.call, p.user, p.over) for p in house.pauses] == [
            (call.record.id, house.sara.id, False),
            (call.record.id, house.sara.id, True),
        ]
        assert 1.4 < house.pauses[1].until - house.pauses[1].since < 3.0


async def test_a_call_is_recorded_from_the_screen(asterisk: Asterisk, tmp_path: Path) -> None:
    async with at_work(asterisk, tmp_path) as house:
        await house.listen(_201=picks_up(0.3))
        house.caller("5001")
        call = await house.talking("201", "out")
        with pytest.raises(ConflictError):
            await house.commands.pause_recording(house.sara, call.record.id)
        await house.commands.record(house.sara, call.record.id)
        call = await house.one(lambda call: call.record.recordings)
        await house.commands.record(house.sara, call.record.id, False)
        assert call.record.recordings[0].startswith("tamas-")
