"""Playback in the whole product: over the API and the push socket, from its own journal and log."""

from __future__ import annotations

import copy
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from crm_core.agents.model import Rules
from crm_core.audit.service import AuditFilter
from crm_core.users.account import UserDraft
from crm_core.users.desks import PeopleAtPhones
from cti.app.board import now_of
from cti.app.calls import day_of, phone_of
from cti.live.agents import Agent, AgentChanged
from cti.live.events import CallChanged, CallEnded, CallLogged, CallMerged, CallStarted, PbxLinkChanged, QueueChanged
from cti.live.record import rfc3339
from screenpop.board import Board
from screenpop.changes import patch
from screenpop.figured import Figured
from screenpop.playbacks import merge
from tests.cti.app.past.test_worker import without_figures
from tests.live import TESTER, Push, Running, running_product, somebody, token_of, until

REASONS = {one.id: one.fa for one in Rules().reasons}
API = "/api/v1/playbacks"
TOLD = (
    CallStarted, CallChanged, CallEnded, CallMerged, CallLogged, QueueChanged, PbxLinkChanged, PeopleAtPhones,
    AgentChanged,
)  # fmt: skip


class Site:
    """The product with the calls of a simulated PBX, and somebody who plays its past."""

    def __init__(self, running: Running, http: aiohttp.ClientSession) -> None:
        self.running, self._http = running, http
        settings = running.product.settings
        self.tap = Board(phone_of(settings.region), day_of(settings.timezone))
        product = running.product
        calls = [call for x in product.listeners for call in x.tracker.snapshot()]
        queues = [queue for x in product.listeners for queue in x.tracker.queues() if queue.members]  # as are told
        self.tap.load(calls, queues, [x.link for x in product.listeners if x.link is not None])
        for user in product.crm.agents.floor.users():
            self.tap.apply(now_of(product.crm.agents, user))
        self.tap.figured = Figured(product.today.figures, lambda: product.crm.figure_rules.now)
        self.over = 0
        product.bus.subscribe("tap", TOLD, self._hear)
        product.crm.desks.tell_again()

    def _hear(self, event: Any) -> None:
        agents = self.running.product.crm.agents
        self.tap.apply(now_of(agents, event.user) if isinstance(event, AgentChanged) else event)
        self.over += isinstance(event, CallEnded)

    async def calls_go_on(self, calls: int = 4) -> None:
        """Return when so many more are over, and others are up."""
        over = self.over + calls
        await until(lambda: self.over >= over and len(self.running.live()) > 1, 30.0, lambda: self.over)

    async def people(self, **logins: str) -> None:
        """These come to work at these extensions, and sign in."""
        crm = self.running.product.crm
        async with crm.access.changing() as tx:
            for login, ext in logins.items():
                draft = UserDraft(login=login, name=login.title(), role="agent", extensions=(ext,))
                await crm.users.put(tx, TESTER, draft)
        await until(lambda: self.tap.staff.seats.names.keys() >= set(logins.values()), 20.0)
        for login in logins:
            await self.says(login, lambda agent: agent.sign_in(time.time(), ()))

    async def says(self, login: str, what: Callable[[Agent], object]) -> None:
        agents = self.running.product.crm.agents
        user = await self.running.product.crm.users.by_login(TESTER, login)
        what(agent := agents.floor.agent(user.id))
        await agents.done(agent)

    async def kept_until(self, at: float) -> None:
        """Return when the journal holds what arrived up to then, which is written a moment later."""

        async def end() -> str:
            _, kept = await self.ask("GET", f"{API}/range")
            return kept["to"] or ""

        async def there() -> bool:
            return await end() >= (rfc3339(at) or "")

        await until(there, 20.0, end)

    async def as_it_is(self) -> tuple[float, dict[str, Any]]:
        """The live board, and what time it is."""
        recorder, bus = self.running.product.recorder, self.running.product.bus

        async def settled() -> bool:
            await recorder.flush()
            await bus.drain()
            return recorder.status().depth == 0

        await until(settled, 10.0)
        self.tap.forget()
        return time.time(), without_figures(copy.deepcopy(self.tap.whole()))

    async def ask(self, method: str, path: str, token: str = "", **body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token or self.running.token}"}
        async with self._http.request(method, self.running.url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json() if answer.content_type.endswith("json") else None


def shown(push: Push, topic: str) -> dict[str, Any]:
    """What a page shows by now: the last snapshot and what came after it."""
    whole: dict[str, Any] = {}
    for message in push.of(topic):
        if message["type"] == "snapshot":
            whole = copy.deepcopy(message["data"])
        elif message["type"] == "event":
            merge(whole, copy.deepcopy(message["data"]))
    return whole


def board(push: Push, topic: str) -> dict[str, Any]:
    return {name: part for name, part in without_figures(shown(push, topic)).items() if name != "today"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with running_product(tmp_path, demo_calls_per_second=4.0) as running, aiohttp.ClientSession() as http:
        await running.connected()
        made = Site(running, http)
        await until(lambda: made.tap.staff.seats.names, 20.0)  # a past board has the users of today from its start
        yield made


async def test_what_was_on_the_live_page_is_played_again(site: Site) -> None:
    moments = []
    await site.people(quiet="299")  # no call reaches that phone, so what he says of himself is shown
    for reason in list(REASONS)[:5]:
        await site.calls_go_on()
        await site.says("quiet", lambda agent, reason=reason: agent.pause(time.time(), reason, REASONS[reason]))
        moments.append(await site.as_it_is())
    await site.kept_until(time.time())
    status, begun = await site.ask("POST", API, at=rfc3339(moments[1][0]), playing=False)
    assert status == 201, begun
    topic = begun["topic"]
    async with site.running.push(topic) as push:
        for at, live in (moments[1], moments[4], moments[0]):
            assert (await site.ask("PATCH", f"{API}/{begun['id']}", at=rfc3339(at + 0.0005)))[0] == 200
            await until(lambda: shown(push, topic).get("playback", {}).get("state") == "reading", 10.0)
            await until(lambda: shown(push, topic)["playback"]["state"] == "ready", 20.0)
            expected = {name: part for name, part in live.items() if name != "today"}
            assert "pause" in {cell["mark"] for cell in expected["agents"].values()}
            assert sum(row["offered"] for row in expected["queues"].values()) > 0
            assert patch(board(push, topic), expected) == {}
        assert (await site.ask("PATCH", f"{API}/{begun['id']}", speed=2, playing=True))[0] == 200
        at, live = moments[3]
        await until(lambda: shown(push, topic)["playback"]["at"] > (rfc3339(at) or ""), 30.0)
        assert set(shown(push, topic)["calls"]) & set(live["calls"])
        await site.ask("PATCH", f"{API}/{begun['id']}", speed=60)
        await until(lambda: shown(push, topic)["playback"]["state"] == "now", 30.0)
        assert shown(push, topic)["playback"]["playing"] is False
    assert (await site.ask("DELETE", f"{API}/{begun['id']}"))[0] == 204


async def test_a_playback_is_its_users_own(site: Site) -> None:
    await site.calls_go_on(1)
    at = rfc3339(time.time())
    _, begun = await site.ask("POST", API, at=at)
    other = await token_of(site.running.product.crm, "supervisor")
    async with Push(site.running.url, begun["topic"], token=other) as push:
        await until(lambda: push.messages and push.messages[-1]["type"] == "error", 5.0, lambda: push.messages)
    assert (await site.ask("PATCH", f"{API}/{begun['id']}", token=other, speed=2))[0] == 404
    assert (await site.ask("DELETE", f"{API}/{begun['id']}", token=other))[0] == 404
    _, second = await site.ask("POST", API, at=at)
    assert (await site.ask("PATCH", f"{API}/{begun['id']}", speed=2))[0] == 404, "in its place"
    assert (await site.ask("PATCH", f"{API}/{second['id']}", speed=2))[0] == 200


async def test_who_may_not_see_every_call_sees_what_concerns_his_teams(site: Site) -> None:
    crm = site.running.product.crm
    await site.people(quiet="299")
    token = await token_of(crm, "supervisor")
    supervisor, quiet = await somebody(crm, "supervisor"), await crm.users.by_login(TESTER, "quiet")
    team = await crm.teams.create(TESTER, "Nights")
    await crm.teams.change(TESTER, team.id, users=(supervisor.id, quiet.id))
    await site.calls_go_on(1)
    _, begun = await site.ask("POST", API, token=token, at=rfc3339(time.time()), playing=False)
    topic = begun["topic"]
    async with Push(site.running.url, topic, token=token) as push:
        await until(lambda: shown(push, topic).get("playback", {}).get("state") == "ready", 20.0)
        found = shown(push, topic)
        assert [cell["user"] for cell in found["agents"].values()] == [quiet.id]
        assert found["calls"] == found["queues"] == found["today"] == {} and team.id in found["teams"]
        await crm.teams.change(TESTER, team.id, users=(quiet.id,))

        async def ended() -> bool:
            return (await site.ask("PATCH", f"{API}/{begun['id']}", token=token, playing=True))[0] == 404

        await until(ended, 10.0)
        await until(lambda: push.messages[-1]["type"] == "error", 20.0, lambda: push.messages[-1])


async def test_that_somebody_looked_is_noted_by_the_minute(site: Site) -> None:
    crm = site.running.product.crm
    await site.calls_go_on(1)
    at = time.time()
    _, begun = await site.ask("POST", API, at=rfc3339(at), playing=False)
    for back in range(1, 6):
        await site.ask("PATCH", f"{API}/{begun['id']}", at=rfc3339(at - back / 10))
    await crm.audit.flush()
    seen = (await crm.audit.page(TESTER, AuditFilter(kind="past"))).items
    minutes = [one.record for one in seen]
    assert 1 <= len(minutes) <= 2 and all(minute.endswith(":00.000Z") for minute in minutes), minutes


async def test_what_is_not_kept_cannot_be_played(site: Site) -> None:
    await site.kept_until(time.time())
    status, kept = await site.ask("GET", f"{API}/range")
    assert status == 200 and kept["from"] < kept["to"] <= (rfc3339(time.time()) or "")
    assert (await site.ask("POST", API, at="2020-01-01T00:00:00Z"))[0] == 400
    assert (await site.ask("POST", API, at=rfc3339(time.time() + 60)))[0] == 400
    assert (await site.ask("POST", API, at=kept["from"], speed=7))[0] == 400
    agent = await token_of(site.running.product.crm, "agent")
    assert (await site.ask("GET", f"{API}/range", token=agent))[0] == 403
