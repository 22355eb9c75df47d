"""Rules and alerts as they are kept: who may, who took one, and what survives a restart."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

import pytest

from crm_core.alerts.rules import AlertRules
from crm_core.alerts.service import Alerts
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from cti.live.alarms import Alert, AlertRule
from cti.live.events import PbxLinkChanged, QueueChanged
from cti.live.readings import Now, wanted
from cti.live.repeats import Repeats
from tests.crm_core.users.people import SYSTEM
from web.services import Crm

T = 1_800_000_000.0
SEES = frozenset({"live.view", "live.act", "calls.view_all"})
BOSS = Actor("u1", "Shahram", permissions=SEES)
OTHER = Actor("u2", "Parisa", permissions=SEES)
LEADS = frozenset({"live.view", "live.act"})
TWO_WAIT = AlertRule(id="two", kind="waiting", limit=2, clear_after=0)


def waiting(count: int, at: float = T) -> Now:
    links = [PbxLinkChanged("main", at, True, "")]
    return Now(at=at, queues=[QueueChanged("main", at, "sales", count, ())], links=links)


async def ruled(crm: Crm, *rules: AlertRule) -> Alerts:
    await crm.alert_rules.put(SYSTEM, AlertRules(rules=rules))
    return crm.alerts


async def test_raised_taken_cleared_and_remembered(crm: Crm) -> None:
    alerts = await ruled(crm, TWO_WAIT)
    said: list[Alert] = []
    alerts.changed = said.extend
    alerts.look(waiting(2))
    await alerts.write()
    (alert,) = alerts.open(BOSS)
    assert (await alerts.take(BOSS, alert.id)).taken_name == "Shahram"
    with pytest.raises(ConflictError):
        await alerts.take(OTHER, alert.id)
    alerts.look(waiting(0, T + 60))
    await alerts.write()
    assert not alerts.open(BOSS)
    with pytest.raises(NotFoundError):
        await alerts.take(BOSS, alert.id)
    (kept,) = await alerts.history(BOSS)
    assert (kept.raised_at, kept.cleared_at, kept.taken_by) == (T, T + 60, "u1")
    assert [(one.taken_by, one.cleared_at) for one in said] == [("", None), ("u1", None), ("u1", T + 60)]


async def test_what_is_open_survives_a_restart(crm: Crm) -> None:
    alerts = await ruled(crm, TWO_WAIT)
    alerts.look(waiting(2))
    await alerts.write()
    await alerts.take(BOSS, alerts.open(BOSS)[0].id)
    again = Alerts(crm.database, ManualClock(T), crm.alert_rules, crm.reach, ZoneInfo("Asia/Tehran"))
    await again.load()
    assert [one.taken_by for one in again.open(BOSS)] == ["u1"]
    assert not again.look(Now(at=T + 5), unseen={"main"}), "the PBX has not said yet how things stand"
    assert not again.look(waiting(2, T + 9)), "the same one, not another"
    assert again.look(waiting(0, T + 10))[0].cleared_at == T + 10


async def test_numbers_are_for_who_may_see_them(crm: Crm) -> None:
    rule = AlertRule(id="again", kind="repeat", limit=2)
    alerts, repeats = await ruled(crm, rule), Repeats([wanted(rule)])
    for call in ("a", "b"):
        repeats.add(call, "+989121234567", T)
    alerts.look(Now(at=T, repeats=repeats))
    assert alerts.open(BOSS)[0].subject.number == ""
    assert alerts.open(SYSTEM)[0].subject.number == "+989121234567"
    with pytest.raises(ForbiddenError):
        alerts.open(Actor("u3", "Omid"))


PEOPLE = PeopleAtPhones(
    names={},
    places=(),
    mates=(Mate("u5", "Sara", ("a",), ("sales",)), Mate("u6", "Reza", ("b", "a_"), ("help",))),
    teams=(("a", "A"), ("b", "B")),
)


@pytest.mark.parametrize(
    ("teams", "permissions", "queues"),
    [
        ({"a"}, LEADS, {"sales", ""}), ({"b"}, LEADS, {"help", ""}), ({"a", "b"}, LEADS, {"sales", "help", ""}),
        ({"c"}, LEADS, {""}), (set(), LEADS, {""}), (set(), SEES, {"sales", "help", "none", ""}),
        ({"%"}, LEADS, {""}), ({"_"}, LEADS, {""}),
    ],
)  # fmt: skip
async def test_who_leads_a_team_sees_and_takes_what_concerns_it(
    crm: Crm, teams: set[str], permissions: frozenset[str], queues: set[str]
) -> None:
    """Open ones, those that were, and by restart; the link (no queue) is everybody's."""
    alerts = await ruled(crm, TWO_WAIT, AlertRule(id="link", kind="link_down", clear_after=0))
    crm.reach.take(PEOPLE)
    full = [QueueChanged("main", T, name, 3, ()) for name in ("sales", "help", "none")]
    alerts.look(Now(at=T, queues=full, links=[PbxLinkChanged("north", T, False, "gone")]))
    await alerts.write()
    actor = Actor("u9", "Lead", permissions=permissions, teams=frozenset(teams))
    again = Alerts(crm.database, ManualClock(T), crm.alert_rules, crm.reach, ZoneInfo("Asia/Tehran"))
    await again.load()
    for made in (alerts, again):
        assert {one.subject.queue for one in made.open(actor)} == queues
    for one in alerts.all_open():
        if one.subject.queue in queues:
            assert (await alerts.take(actor, one.id)).taken_by == "u9"
        else:
            with pytest.raises(ForbiddenError):
                await alerts.take(actor, one.id)
    alerts.look(Now(at=T + 60))
    await alerts.write()
    assert {one.subject.queue for one in await alerts.history(actor)} == queues
    with pytest.raises(ForbiddenError):
        await alerts.take(Actor("u9", "Lead", permissions=frozenset({"live.view"})), "any")


async def test_who_serves_the_queue_by_now_is_told(crm: Crm) -> None:
    alerts, told = await ruled(crm, TWO_WAIT), list[Alert]()
    alerts.changed = told.extend
    alerts.look(waiting(2))
    crm.reach.take(PEOPLE)
    assert not alerts.look(waiting(2, T + 1))
    assert [one.teams for one in alerts.all_open()] == [("a",)]
    crm.reach.take(PeopleAtPhones(names={}, places=()))
    alerts.look(Now(at=T + 2), unseen={"main"})
    assert [one.teams for one in alerts.all_open()] == [("a",)], "who is in the queue is not known now"
    assert [one.teams for one in told] == [()], "a program that listens hears of what is wrong, not for whom"


async def test_what_is_written_at_the_same_time_is_as_it_was_last(crm: Crm) -> None:
    """The turn of a second and somebody's click meet; and over is over also for who listens."""
    alerts, told = await ruled(crm, TWO_WAIT), list[Alert]()
    alerts.changed = told.extend
    for n in range(8):
        alerts.look(waiting(2, at := T + 100.0 * n))
        (alert,) = alerts.all_open()
        takes = asyncio.create_task(alerts.take(BOSS, alert.id))
        turns = asyncio.create_task(alerts.write())
        await asyncio.sleep(0)
        alerts.look(waiting(0, at + 60))
        await asyncio.gather(takes, turns, alerts.write())
        (newest, *_) = await alerts.history(BOSS, 1)
        assert (newest.id, newest.cleared_at, newest.taken_by) == (alert.id, at + 60, "u1")
        assert [one.cleared_at for one in told] == [None, None, at + 60]
        told.clear()
