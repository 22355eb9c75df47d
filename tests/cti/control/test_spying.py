"""Supervisors in the calls of their agents: whom they may hear is asked first, and what the PBX lets them hear is
compared with it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cti.control.ears import Followed
from cti.control.monitor import Monitor, Told
from cti.control.port import SOCKET, PbxRefusedError, Spy, SpyMode
from cti.control.spying import BEGIN_SECONDS, PERMISSIONS, SETTLE_SECONDS, Spying, nobody_reached
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError, UnavailableError
from cti.live.events import CallEnded, CallMerged, LiveCall, OrderEnded, SpyChanged
from tests.cti.control.office import CALL, SARA, Office, agent
from tests.live import until

RIGHTS = frozenset({"monitor.listen", "monitor.speak"})
BOSS = agent("203", "supervisor", RIGHTS)
HEARER = agent("203", "supervisor", frozenset({"monitor.listen"}))


class Sound:
    """An ear; ``closed`` once the PBX was let go."""

    def __init__(self) -> None:
        self.closed = False

    async def frames(self) -> AsyncIterator[bytes]:
        yield b"\xff"

    async def close(self) -> None:
        self.closed = True


class Sounds:
    def __init__(self) -> None:
        self.expected: dict[str, Sound] = {}

    def expect(self, uniqueid: str) -> Sound:
        return self.expected.setdefault(uniqueid, Sound())


class Teams:
    """Who works at 20x is user u20x. ``reached``: whom supervisors reach; None: everybody."""

    def __init__(self) -> None:
        self.reached: set[str] | None = {"u201", "u203"}
        self.known: dict[str, str] = {}

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        if self.reached is not None and not {f"u{leg.extension}" for leg in call.legs} & self.reached:
            raise ForbiddenError("not yours")

    def users_at(self, pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...]:
        return (self.known.get(extension, f"u{extension}"),) if extension else ()

    def may_user(self, actor: Actor, user_id: str) -> bool:
        return self.reached is None or user_id in self.reached

    def name(self, user_id: str) -> str:
        return {"u201": "Sara"}.get(user_id, "")

    def everybody(self, actor: Actor) -> bool:
        return self.reached is None


class Lead:
    """``told`` and ``noted`` are what became known; ``trusted`` whether he still may."""

    def __init__(self, *, media: bool = True) -> None:
        self.office, self.teams, self.sounds = Office().in_call(), Teams(), Sounds()
        self.told: list[Told] = []
        self.noted: list[tuple[str, float | None]] = []
        self.trusted, self.written = True, True
        self.spying = Spying(
            self.office.commands.parts, self.office.clock, self.teams, self.office.commands.own_phone, self._note,
            self.told.append, self._renewed,
        )  # fmt: skip
        self.spying.ears = self.sounds if media else None

    async def _note(self, _actor: Actor, mode: str, _monitor: Monitor, seconds: float | None) -> None:
        if not self.written:
            raise UnavailableError("no database")
        self.noted.append((mode, seconds))

    async def _renewed(self, actor: Actor) -> Actor | None:
        return actor if self.trusted else None

    @property
    def orders(self) -> list[Spy]:
        return [one.arguments["order"] for one in self.office.pbx.commands if one.name == "spy"]

    @property
    def hung_up(self) -> list[str]:
        return [one.arguments["channel"] for one in self.office.pbx.commands if one.name == "hangup"]

    def up(self, uniqueid: str) -> Lead:
        """The listener's channel is there."""
        self.office.desk.born(uniqueid, "203", "ringing", uniqueid)
        tracker = self.office.desk.tracker
        name = tracker.channel(uniqueid)
        assert name is not None
        self.office.pbx.channels.add(name)
        return self

    async def heard(self, monitor: Monitor, spyee: str = "1.1", *, on: bool = True) -> None:
        await self.spying.take(SpyChanged("main", self.office.desk.at, monitor.uniqueid, spyee, on))

    async def tell(self) -> None:
        """What happened on the PBX reaches everybody."""
        for event in self.office.desk.tracker.take():
            self.office.book.take(event)
            await self.spying.take(event)

    async def leaves(self, monitor: Monitor, *, at: str = "1.1", settle: bool = True) -> None:
        """The PBX says that ``monitor`` hears nobody any more, and then, that the channel ``at`` is gone."""
        await self.heard(monitor, on=False)
        self.office.desk.gone(at)
        await self.tell()
        if settle:
            await self.settled()

    async def settled(self) -> None:
        spying, clock = self.spying, self.office.clock
        while spying._settling:
            await until(lambda: clock.sleepers > 0)
            clock.advance(SETTLE_SECONDS)
            await until(lambda: not spying._ending and (not spying._settling or clock.sleepers > 0))

    def taken_by(self, extension: str, uniqueid: str = "1.2") -> None:
        """Somebody else has the caller now."""
        self.office.desk.leave("b", "1.0").dial("1.0", uniqueid, extension, extension)
        self.office.desk.talk(uniqueid, bridge="c").enter("c", "1.0").wait(1)

    @property
    def states(self) -> list[tuple[str, bool, str]]:
        return [(one.monitor.state, one.over, one.why) for one in self.told]


async def test_with_a_phone_the_agents_own_channel_is_heard() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL, "whisper")
    assert lead.orders == [Spy("PJSIP/203", "1.1", "whisper", monitor.uniqueid, "201", "call-info")]
    assert (monitor.agent, monitor.extension, monitor.agents, monitor.browser) == ("Sara", "201", ("u201",), False)
    await lead.heard(monitor)
    assert lead.states == [("begins", False, ""), ("heard", False, "")]
    assert [one.id for one in lead.spying.running(BOSS)] == [monitor.id] and lead.spying.running(SARA) == ()
    assert [one.by for one in lead.spying.heard(SARA)] == ["203"]


async def test_without_a_phone_the_sound_comes_here() -> None:
    lead = Lead()
    monitor = await lead.spying.start(HEARER, CALL, browser=True)
    assert lead.orders == [Spy(SOCKET, "1.1", "listen", monitor.uniqueid)]
    ear = lead.spying.ear(HEARER, monitor.id)
    assert isinstance(ear, Followed) and ear._ear is lead.sounds.expected[monitor.uniqueid]
    with pytest.raises(NotFoundError):
        lead.spying.ear(agent("209", "supervisor", RIGHTS), monitor.id)


async def test_every_id_is_one_that_nobody_guesses() -> None:
    lead = Lead()
    ids = {(await lead.spying.start(BOSS, CALL)).uniqueid for _ in range(3)}
    assert len(ids) == 3 and all(len(one.partition(".")[2]) > 20 for one in ids)


@pytest.mark.parametrize("mode", PERMISSIONS)
async def test_each_way_has_its_permission(mode: SpyMode) -> None:
    lead = Lead()
    if mode == "listen":
        await lead.spying.start(HEARER, CALL, mode)
    else:
        with pytest.raises(ForbiddenError):
            await lead.spying.start(HEARER, CALL, mode)
    with pytest.raises(ForbiddenError):
        await lead.spying.start(SARA, CALL, mode)
    assert len(lead.orders) == (mode == "listen")


async def test_what_cannot_be() -> None:
    lead = Lead(media=False)
    with pytest.raises(RefusedError, match="phone"):
        await lead.spying.start(BOSS, CALL, "barge", browser=True)
    with pytest.raises(RefusedError, match="CTI_MEDIA"):
        await lead.spying.start(BOSS, CALL, browser=True)
    with pytest.raises(NotFoundError):
        await lead.spying.start(BOSS, "main-9.9")
    with pytest.raises(ConflictError):  # in one's own call one hears enough
        await lead.spying.start(agent("201", "supervisor", RIGHTS), CALL)
    lead.teams.reached = {"u202"}
    with pytest.raises(ForbiddenError):
        await lead.spying.start(BOSS, CALL)
    assert lead.orders == [] and lead.noted == [] and lead.told == []


async def test_of_two_agents_the_own_one_is_heard() -> None:
    lead = Lead()
    lead.office.desk.dial("1.1", "1.2", "202", "202").talk("1.2", bridge="c")
    lead.office.tell()
    assert (await lead.spying.start(BOSS, CALL)).extension == "201"
    lead.teams.reached = {"u202"}
    assert (await lead.spying.start(BOSS, CALL)).extension == "202"
    lead.teams.reached = None
    await lead.spying.start(BOSS, CALL)


async def test_nobody_listens_who_is_not_written_down() -> None:
    lead = Lead()
    lead.written = False
    with pytest.raises(UnavailableError):
        await lead.spying.start(BOSS, CALL)
    assert lead.orders == [] and lead.spying.running(BOSS) == ()


async def test_what_the_pbx_refuses_is_over_at_once() -> None:
    lead = Lead()

    async def refuse(order: Spy) -> None:
        raise PbxRefusedError("no")

    lead.office.pbx.spy = refuse  # type: ignore[method-assign]
    with pytest.raises(ConflictError):
        await lead.spying.start(BOSS, CALL)
    assert lead.spying.running(BOSS) == ()


async def test_another_channel_than_the_chosen_one_is_hung_up_at_once() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL)
    lead.up(monitor.uniqueid)
    await lead.heard(monitor, "1.0")
    assert lead.hung_up == [lead.office.desk.tracker.channel(monitor.uniqueid)]
    assert lead.states[-1] == ("begins", True, "wrong") and lead.spying.running(BOSS) == ()


async def test_what_is_stopped_is_hung_up_and_its_length_written_down() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL)
    lead.up(monitor.uniqueid)
    await lead.heard(monitor)
    lead.office.clock.advance(12)
    with pytest.raises(NotFoundError):
        await lead.spying.stop(agent("209", "supervisor", RIGHTS), monitor.id)
    await lead.spying.stop(BOSS, monitor.id)
    await lead.spying.stop_all()
    assert len(lead.hung_up) == 1 and lead.noted == [("listen", None), ("listen", 12)]
    with pytest.raises(NotFoundError):
        await lead.spying.stop(BOSS, monitor.id)


@pytest.mark.parametrize("end", ["stop of the PBX", "own channel", "not answered"])
async def test_it_ends_with_the_call(end: str) -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL, browser=True)
    if end == "not answered":
        await lead.spying.take(OrderEnded("main", 1.0, monitor.uniqueid, None, False, 3))
    elif end == "own channel":
        lead.up(monitor.uniqueid)
        lead.office.desk.gone(monitor.uniqueid)
        for event in lead.office.desk.tracker.take():
            if isinstance(event, CallEnded):
                await lead.spying.take(event)
    else:
        await lead.heard(monitor)
        await lead.heard(monitor, on=False)
    await lead.spying.stop_all()
    assert lead.spying.running(BOSS) == () and lead.sounds.expected[monitor.uniqueid].closed
    assert lead.told[-1].why == ("no_socket" if end == "not answered" else "")


async def test_who_listens_hears_whoever_has_the_call_next() -> None:
    lead = Lead()
    lead.teams.reached = {"u201", "u202"}
    monitor = await lead.spying.start(BOSS, CALL, browser=True)
    await lead.heard(monitor)
    lead.office.clock.advance(20)
    lead.taken_by("202")
    await lead.leaves(monitor, settle=False)
    assert lead.states[-1] == ("heard", True, "") and lead.told[-1].state == "waits"
    assert lead.spying.running(BOSS)[0].state == "waits" and lead.spying.heard(SARA) == ()
    await lead.settled()
    (after,) = lead.spying.running(BOSS)
    assert (after.id, after.spied, after.extension, after.agents) == (monitor.id, "1.2", "202", ("u202",))
    assert lead.orders[-1] == Spy(SOCKET, "1.2", "listen", after.uniqueid) and after.uniqueid != monitor.uniqueid
    ear = lead.spying.ear(BOSS, monitor.id)
    assert isinstance(ear, Followed) and ear._ear is lead.sounds.expected[after.uniqueid]
    assert lead.sounds.expected[monitor.uniqueid].closed
    assert lead.noted == [("listen", None), ("listen", 20), ("listen", None)]
    await lead.heard(after, "1.2")
    assert lead.told[-1].state == "heard"


async def test_while_it_rings_for_the_next_he_waits() -> None:
    lead = Lead()
    lead.teams.reached = {"u201", "u202"}
    monitor = await lead.spying.start(BOSS, CALL, "whisper")
    await lead.heard(monitor)
    lead.office.desk.leave("b", "1.0").dial("1.0", "1.2", "202", "202")
    await lead.leaves(monitor)
    await lead.spying.look()
    assert lead.spying.running(BOSS)[0].state == "waits" and len(lead.orders) == 1
    lead.office.clock.advance(BEGIN_SECONDS + 1)
    await lead.spying.look()  # a caller may wait for long
    lead.office.desk.talk("1.2", bridge="c").enter("c", "1.0").wait(1)
    await lead.tell()
    assert lead.orders[-1].spied == "1.2" and lead.orders[-1].mode == "listen"  # nobody speaks to the next unasked
    lead.office.desk.gone("1.0", "1.2")
    await lead.tell()
    assert lead.spying.running(BOSS) == () and lead.told[-1].why == ""


async def test_a_call_that_goes_on_with_another_team_is_heard_no_more() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL, browser=True)
    await lead.heard(monitor)
    lead.taken_by("202")
    await lead.leaves(monitor)
    assert lead.states[-1] == ("waits", True, "other_team") and len(lead.orders) == 1
    assert lead.spying.running(BOSS) == ()


async def test_a_call_that_the_listener_takes_himself_is_heard_no_more() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL, browser=True)
    await lead.heard(monitor)
    lead.taken_by("203")
    await lead.leaves(monitor)
    assert lead.states[-1] == ("waits", True, "") and len(lead.orders) == 1


async def test_a_call_that_became_part_of_another_is_followed() -> None:
    lead = Lead()
    lead.teams.reached = {"u201", "u202"}
    monitor = await lead.spying.start(BOSS, CALL, browser=True)
    await lead.heard(monitor)
    lead.office.desk.born("9.0", "202", "up", "9.0")
    await lead.tell()
    await lead.spying.take(CallMerged(1.0, CALL, "main-9.0"))
    assert lead.spying.running(BOSS)[0].call == "main-9.0"


async def test_where_going_on_cannot_be_written_down_nobody_listens() -> None:
    lead = Lead()
    lead.teams.reached = None
    monitor = await lead.spying.start(BOSS, CALL, browser=True)
    await lead.heard(monitor)
    lead.taken_by("202")
    lead.written = False
    await lead.leaves(monitor)
    assert lead.spying.running(BOSS) == () and len(lead.orders) == 1


async def test_whoever_hangs_up_his_own_phone_listens_no_more() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL)
    await lead.heard(monitor)
    await lead.heard(monitor, on=False)
    await lead.settled()
    assert lead.spying.running(BOSS) == () and len(lead.orders) == 1


async def test_an_agent_who_is_slow_to_leave_is_waited_for() -> None:
    lead = Lead()
    lead.teams.reached = {"u201", "u202"}
    monitor = await lead.spying.start(BOSS, CALL)
    await lead.heard(monitor)
    await lead.heard(monitor, on=False)
    await until(lambda: lead.office.clock.sleepers > 0)
    lead.office.clock.advance(SETTLE_SECONDS)
    await until(lambda: lead.office.clock.sleepers > 0)
    lead.taken_by("202")
    lead.office.desk.gone("1.1")
    await lead.tell()
    await lead.settled()
    assert lead.orders[-1].spied == "1.2"


async def test_who_hears_another_hears_the_first_no_more() -> None:
    lead = Lead()
    first = await lead.spying.start(BOSS, CALL, browser=True)
    second = await lead.spying.start(BOSS, CALL, "whisper")
    await lead.spying.stop_all()
    assert lead.sounds.expected[first.uniqueid].closed
    assert [one.over for one in lead.told if one.monitor.id == first.id] == [False, True]
    assert second.mode == "whisper"


async def test_who_may_no_longer_or_hears_nothing_is_cut_off() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL)
    await lead.spying.look()
    assert lead.spying.running(BOSS) == (monitor,)
    lead.trusted = False
    await lead.spying.look()
    assert lead.states[-1] == ("begins", True, "no_right")
    lead.trusted = True
    await lead.spying.start(BOSS, CALL)
    lead.teams.reached = {"u203"}  # Sara is in another team now
    await lead.spying.look()
    assert lead.states[-1] == ("begins", True, "no_right")
    lead.teams.reached = {"u201", "u203"}
    await lead.spying.start(BOSS, CALL)
    lead.office.clock.advance(BEGIN_SECONDS + 1)
    await lead.spying.look()
    assert lead.states[-1] == ("begins", True, "no_phone")


async def test_an_end_that_was_not_told_is_seen() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL)
    lead.up(monitor.uniqueid)
    await lead.heard(monitor)
    await lead.spying.look()
    assert lead.spying.running(BOSS)
    lead.office.desk.gone(monitor.uniqueid)
    await lead.spying.look()
    await lead.settled()
    assert not lead.spying.running(BOSS)


async def test_the_listeners_own_channel_may_be_told_of_first() -> None:
    lead = Lead()
    lead.teams.reached = {"u201", "u202"}
    monitor = await lead.spying.start(BOSS, CALL)
    lead.up(monitor.uniqueid)
    await lead.heard(monitor)
    lead.taken_by("202")
    lead.office.desk.gone(monitor.uniqueid, "1.1")
    await lead.tell()
    await lead.heard(monitor, on=False)
    await lead.settled()
    assert lead.orders[-1].spied == "1.2" and [x.state for x in lead.spying.running(BOSS)] == ["begins"]


async def test_whoever_a_killed_process_let_listen_is_hung_up() -> None:
    lead = Lead()
    monitor = await lead.spying.start(BOSS, CALL)
    lead.up(monitor.uniqueid).up("tamas-spy-1.2").up("1.9")
    lead.office.tell()
    await lead.spying.clear()
    assert lead.hung_up == [lead.office.desk.tracker.channel("tamas-spy-1.2")]
    assert lead.spying.running(BOSS)


async def test_where_there_is_no_pbx_every_call_is_over() -> None:
    spying = nobody_reached(ManualClock(1.0))
    with pytest.raises(NotFoundError):
        await spying.start(BOSS, CALL)
