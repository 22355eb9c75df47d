"""An agent's own state and his colleagues', pushed as merge patches that fit what was told before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.users.desks import PeopleAtPhones
from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.live.agents import AgentChanged
from cti.live.events import CallChanged, PbxLinkChanged
from screenpop.agents import AgentScreens
from screenpop.board import Board
from screenpop.changes import patch
from screenpop.feed import Feed
from screenpop.hub import Client
from tests.crm import quick_crm
from tests.crm_core.agents.floors import T, call, leg, member, place, queue
from tests.crm_core.users import people
from web.services import Crm

NOTHING: dict[str, Any] = {}


def merged(before: Any, change: Any) -> Any:
    """RFC 7396, as a browser does it."""
    if not isinstance(change, dict):
        return change
    after = dict(before) if isinstance(before, dict) else {}
    for key, value in change.items():
        if value is None:
            after.pop(key, None)
        else:
            after[key] = merged(after.get(key), value)
    return after


class Screen:
    """A browser that watches topics, and what it then knows of each."""

    def __init__(self, feed: Feed, actor: Actor, *topics: str) -> None:
        self.feed, self.known, self.count = feed, dict[str, Any](), 0
        self.client: Client = feed.hub.join(lambda: None, actor)
        feed.hub.watch(self.client, topics)

    def look(self, topic: str) -> Any:
        while self.client.queue:
            told = json.loads(self.client.queue.popleft())
            self.count += 1
            before = None if told["type"] == "snapshot" else self.known[told["topic"]]
            self.known[told["topic"]] = merged(before, told["data"])
        return self.known.get(topic)


class Shop:
    """Two agents, with their screens fed as the product does it."""

    def __init__(self, crm: Crm, sara: Actor, omid: Actor) -> None:
        self.crm, self.sara, self.omid, self.told = crm, sara, omid, list[AgentChanged]()
        self.feed = Feed(Board(lambda number, raw: raw or number or "", lambda _at: "today"))
        self.screens = AgentScreens(self.feed, crm.agents)
        crm.agents.publish = lambda event: self.told.append(event)  # type: ignore[arg-type]
        crm.agents.take_many([PbxLinkChanged("main", T, True, ""), queue("sales", member())])
        crm.agents.take_many([PeopleAtPhones({}, (place(sara.id), place(omid.id, "202")))])

    def flush(self) -> None:
        told, self.told[:] = list(self.told), []
        self.screens.take(told)


@pytest.fixture
async def shop() -> Any:
    crm = quick_crm(ManualClock(T))
    actors = []
    for login in ("sara", "omid"):
        actors.append((await people.sign_in(crm, await people.make(crm, login, queues=("sales",))))[0])
    await crm.agents.start()
    yield Shop(crm, *actors)
    await crm.database.close()


async def test_each_sees_his_own_state_and_nobody_elses(shop: Shop) -> None:
    mine, his = (Screen(shop.feed, actor, "agent", "agents") for actor in (shop.sara, shop.omid))
    assert mine.look("agent")["state"] == "off"
    await shop.crm.agents.sign_in(shop.sara)
    await shop.crm.agents.pause(shop.sara, "lunch")
    shop.flush()
    assert mine.look("agent") == shop.crm.agents.snapshot(shop.sara.id)
    assert his.look("agent") == shop.crm.agents.snapshot(shop.omid.id)
    assert mine.look("agents") == his.look("agents") == shop.crm.agents.colleagues()
    assert his.look("agents")[shop.sara.id]["state"] == "pause"
    await shop.crm.agents.ready(shop.sara)
    shop.flush()
    assert "reason" not in his.look("agents")[shop.sara.id]
    assert mine.look("agent")["state"] == "ready"


async def test_the_phone_shows_over_it(shop: Shop) -> None:
    screen = Screen(shop.feed, shop.sara, "agent", "agents")
    shop.crm.agents.take_many([CallChanged(T, call(leg("talking", answered=True)))])
    shop.flush()
    assert screen.look("agents")[shop.sara.id]["state"] == "talk"
    assert screen.look("agent")["own"] == "off"


async def test_who_joins_later_gets_the_whole_and_then_what_changes(shop: Shop) -> None:
    early = Screen(shop.feed, shop.omid, "agents")
    early.look("agents")
    await shop.crm.agents.sign_in(shop.sara)
    late = Screen(shop.feed, shop.sara, "agents", "agent")
    shop.flush()
    await shop.crm.agents.pause(shop.sara, "lunch")
    shop.flush()
    for screen in (early, late):
        assert screen.look("agents") == shop.crm.agents.colleagues()
    assert late.look("agent") == shop.crm.agents.snapshot(shop.sara.id)


async def test_what_changes_nothing_is_not_told(shop: Shop) -> None:
    screen = Screen(shop.feed, shop.sara, "agent", "agents")
    screen.look("agent")
    before = screen.count
    shop.screens.take([AgentChanged(shop.sara.id, T, "off", 0.0)])
    screen.look("agent")
    assert screen.count == before


async def test_who_went_is_taken_away_and_missed_events_are_made_up_for(shop: Shop) -> None:
    screen = Screen(shop.feed, shop.sara, "agent", "agents")
    assert shop.omid.id in screen.look("agents")
    shop.crm.agents.take_many([PeopleAtPhones({}, (place(shop.sara.id),))])
    shop.told.clear()
    shop.screens.again()
    assert shop.omid.id not in screen.look("agents")


JSON = st.recursive(
    st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(st.integers(), max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from("abcd"), JSON), st.dictionaries(st.sampled_from("abcd"), JSON))
def test_a_patch_makes_the_new_of_the_old(before: dict[str, Any], now: dict[str, Any]) -> None:
    assert merged(before, patch(before, now)) == now
    assert patch(now, now) == {}
