"""The cards of every agent, held against what the simulated PBX is doing: after each step, on every page.

Pages come, reload, fall behind and lose their sockets in between. What a page shows must be what the phones do at that
moment: a card for each phone that rings, is dialled from or talks (none wrong, none missing, none twice), and none when
all is over (stuck). Short in every run; `make soak` plays 100,000 calls.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from ami_listener.protocol import AmiReader
from ami_listener.simulator.channel import DOWN, RINGING, Channel
from ami_listener.simulator.options import SimulatorOptions, profile
from ami_listener.simulator.simulation import GREETING, Simulation
from ami_listener.translate import Translator
from ami_listener.wanted import ONLY, SKIP
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place
from cti.kernel.actor import Actor
from cti.live.profile import Profile, ProfileSettings
from cti.live.tracker import Tracker
from screenpop.board import Board
from screenpop.feed import POPS, Feed
from screenpop.hub import Client
from screenpop.rules import OVER
from tests.web.stage import local_day

EPOCH = 1_795_000_000.0
STEP = 0.25
"""Simulated seconds between two looks at all pages."""
Json = dict[str, Any]


class Page:
    """A page of an agent, as `web/src/push.ts` keeps it: a snapshot replaces, an event replaces one card."""

    def __init__(self, feed: Feed, user: str) -> None:
        self.feed, self.user = feed, user
        self.pops: dict[str, Json] = {}
        self.seq: int | None = None
        self.client: Client | None = None
        self.snapshots = 0

    def connect(self) -> None:
        actor = Actor(id=self.user, name=self.user, permissions=frozenset({"desk.use", "numbers.view"}))
        self.client = self.feed.hub.join(lambda: None, actor)
        self.feed.hub.watch(self.client, [POPS], {} if self.seq is None else {POPS: self.seq})

    def lose(self) -> None:
        if self.client is not None:
            self.feed.hub.leave(self.client)
            self.client = None

    def reload(self) -> None:
        self.lose()
        self.pops, self.seq = {}, None
        self.connect()

    def read(self) -> None:
        if self.client is None:
            return
        for line in self.feed.hub.take(self.client).splitlines():
            message = json.loads(line)
            assert message["topic"] == POPS, message
            if message["type"] == "snapshot":
                self.pops = {card["pop"]: card for card in message["data"]["pops"]}
                self.snapshots += 1
            else:
                assert message["seq"] == (self.seq or 0) + 1, "a gap"
                self._take(message["data"])
            self.seq = message["seq"]

    def _take(self, card: Json) -> None:
        assert card["pop"].endswith(f":{self.user}"), "another's card"
        if card["state"] in OVER:
            self.pops.pop(card["pop"], None)
        else:
            self.pops[card["pop"]] = card


class Site:
    """The simulated PBX, the tracker, the feed, and a page or two for everybody."""

    def __init__(self, seed: int, calls: int, rate: float) -> None:
        options = SimulatorOptions(calls=calls, seed=seed, calls_per_second=rate, start_at=EPOCH)
        self.simulation = Simulation(options)
        found = Profile(ProfileSettings(**profile(options)))  # type: ignore[arg-type]
        self.tracker, self.translator = Tracker("main", found), Translator()
        self.reader = AmiReader(SKIP, ONLY, expect_greeting=False)
        self.feed = Feed(Board(lambda n, raw: raw or n or "", local_day), frame=lambda message: message + b"\n")
        self.rng = random.Random(seed)
        phones = [device.exten for device in self.simulation.pbx.devices.values() if device.exten]
        people = tuple(Place(f"u{exten}", exten, (exten,)) for exten in phones)
        self.feed.tell([PeopleAtPhones({}, people)])
        self.pages = {
            place.user: [Page(self.feed, place.user) for _ in range(1 + n % 2)] for n, place in enumerate(people)
        }
        for page in self.all_pages():
            page.connect()
        self.told: Counter[str] = Counter()
        self._hear(GREETING.encode())

    def all_pages(self) -> Iterator[Page]:
        for pages in self.pages.values():
            yield from pages

    def step(self) -> None:
        self.simulation.advance(self.simulation.schedule.now + STEP)
        self._hear("".join(text for _, text in self.simulation.pbx.wire.drain()).encode())

    def _hear(self, chunk: bytes) -> None:
        """In pieces, as they come from a socket: each is told before the next is read."""
        at = 0
        while at < len(chunk):
            size = self.rng.choice((300, 1500, 8000))
            for fact in self.translator.facts(self.reader.feed(chunk[at : at + size]), None):
                self.tracker.apply(fact)
            if self.rng.random() < 0.001:
                self.tracker.take()  # the bus dropped them: what is up is loaded instead
                self.feed.load(self.tracker.snapshot(), self.tracker.queues(), [])
            else:
                self.feed.tell(self.tracker.take())
            at += size

    def unrest(self) -> None:
        """Sockets are lost, pages reloaded."""
        for page in self.rng.sample(list(self.all_pages()), 3):
            if page.client is None:
                page.connect()
            elif self.rng.random() < 0.5:
                page.lose()
            else:
                page.reload()

    # --- the truth

    def check(self) -> None:
        shown = self._shown()
        for page in self.all_pages():
            if self.rng.random() < 0.2 and not self.simulation.done:
                continue  # this one is slow, and reads later
            page.read()
            if page.client is not None:
                assert page.pops == shown.get(page.user, {}), f"the page of {page.user} is not as things are"
        self._compare(shown)

    def _shown(self) -> dict[str, dict[str, Json]]:
        found: dict[str, dict[str, Json]] = {}
        for user in self.pages:
            cards = self.feed.pops.snapshot(user)["pops"]
            if cards:
                found[user] = {card["pop"]: card for card in cards}
                assert len(found[user]) == len(cards), "doubled"
        return found

    def _compare(self, shown: dict[str, dict[str, Json]]) -> None:
        """Each phone's channel has one card of its user, in its state; each card has its channel."""
        phones = {c.uniqueid: c for c in self.simulation.pbx.channels.values() if not c.local and not c.outside}
        carded: Counter[str] = Counter()
        for user, cards in shown.items():
            for card in cards.values():
                carded.update(self._channels_of(user, card, phones))
        assert not [uid for uid, count in carded.items() if count > 1], "doubled"
        for uid, channel in phones.items():
            assert uid in carded or _needs_none(channel), f"no card for {channel.name} {_words(channel)}"
        self.told["cards"] += sum(carded.values())

    def _channels_of(self, user: str, card: Json, phones: dict[str, Channel]) -> list[str]:
        mine = card["mine"]
        if card["doing"] == "park" and mine["uniqueid"] not in phones:
            assert any(slot for slot in self.simulation.pbx.slots), "parked, and nothing is"
            return []
        channel = phones.get(mine["uniqueid"])
        assert channel is not None, f"stuck: {card['pop']} {card['state']}/{card['doing']}"
        assert channel.endpoint == f"PJSIP/{user.removeprefix('u')}", "another's phone"
        rung = channel.state in (DOWN, RINGING)  # a queue's dial is told before the phone has answered that it rings
        assert rung == (card["doing"] == "ring"), f"{card['doing']}: {_words(channel)}"
        asked = card.get("consult", {}).get("uniqueid")
        return [channel.uniqueid] + ([asked] if asked not in (None, channel.uniqueid) else [])


def _words(channel: Channel) -> str:
    return f"state {channel.state}, {channel.app}({channel.app_data}), call {channel.call}"


def _needs_none(channel: Channel) -> bool:
    """Who listens in, who dials what is no person, and a channel that is only being made, have no card."""
    call = channel.call
    if call is None or call.kind == "monitoring" or channel.state == DOWN:
        return True
    others = {leg.uniqueid for leg in call.legs} - {channel.uniqueid}
    return not others and call.queue is None and call.conference is None


def run(site: Site, calls: int) -> None:
    steps = 0
    while not site.simulation.done:
        site.step()
        steps += 1
        if steps % 5 == 0:
            site.unrest()
        site.check()
    site.step()
    for page in site.all_pages():
        page.reload()
        page.read()
        assert page.pops == {}, "stuck"
    assert site.simulation.finished >= calls * 0.95
    assert len(site.feed.pops) == 0 and not site.feed.pops._told and not site.feed.pops._calls
    assert site.told["cards"] > calls


@pytest.mark.parametrize("seed", [1, 2])
def test_every_page_shows_what_the_phones_do(seed: int) -> None:
    run(Site(seed, 250, 0.6), 250)


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("seed", range(4))
def test_a_hundred_thousand_calls(seed: int) -> None:
    """25,000 a time."""
    begun = time.monotonic()
    site = Site(100 + seed, 25_000, 3.0)
    run(site, 25_000)
    print(f"{site.simulation.finished} calls, {site.told['cards']} cards compared, {time.monotonic() - begun:.0f} s")
