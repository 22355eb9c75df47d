"""A running web server with the sample's day behind it, and a client to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from yarl import URL

from cti.kernel.actor import NOBODY, Actor
from tests.crm_core.users import people
from tests.web import stage
from web import assets, auth, server
from web.services import Services


@dataclass
class Stage:
    """``services`` is what stands behind the pages; ``go`` asks for one and gives status and text.

    ``actor`` is who asks (an administrator, unless ``as_role`` or ``as_nobody`` made it somebody else); ``http`` has
    his cookie and sends the token that writes need.
    """

    services: Services
    url: str
    http: aiohttp.ClientSession
    actor: Actor = NOBODY
    opened: list[aiohttp.ClientSession] = field(default_factory=list)

    async def as_role(self, role: str, **more: Any) -> Stage:
        """The same server, asked by somebody with this role (a built-in one or the id of another). `more` is of the
        user: `name`, `extensions`, `teams` …"""
        crm = self.services.crm
        login = f"{role[:40]}-{len(self.opened)}"
        actor, secret = await people.sign_in(crm, await people.make(crm, login, role, **more), "127.0.0.1")
        return replace(self, http=self.open(secret), actor=actor)

    async def as_user(self, user_id: str) -> Stage:
        """Asked by this user, with a session of its own."""
        secret = await self.services.crm.sessions.open(user_id)
        signed = await self.services.crm.access.of_session(secret)
        assert signed is not None
        return replace(self, http=self.open(secret), actor=signed.actor)

    async def as_nobody(self) -> Stage:
        """Asked by who is not signed in."""
        return replace(self, http=self.open(""), actor=NOBODY)

    @property
    def cookie(self) -> str:
        """The session as a Cookie header, for who speaks HTTP himself; empty for nobody."""
        found = self.http.cookie_jar.filter_cookies(URL(self.url)).get(auth.COOKIE)
        return f"{auth.COOKIE}={found.value}" if found else ""

    async def token(self, *scopes: str) -> str:
        """An API token of whoever asks, with all that he may or only `scopes`."""
        return (await self.services.crm.tokens.create(self.actor, "test", scopes=scopes or None)).secret

    def open(self, secret: str) -> aiohttp.ClientSession:
        """A browser with this session's cookie."""
        jar = aiohttp.CookieJar(unsafe=True)
        headers = {}
        if secret:
            jar.update_cookies({auth.COOKIE: secret}, URL(self.url))
            headers[auth.HEADER] = auth.csrf_token(secret)
        self.opened.append(aiohttp.ClientSession(cookie_jar=jar, headers=headers))
        return self.opened[-1]

    async def go(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.http.get(self.url + path, headers=headers) as response:
            return response.status, await response.text()

    async def send(self, method: str, path: str, *, data: object = None, json: object = None) -> tuple[int, str]:
        """A form (`data`) or JSON sent as the pages send it; redirects are not followed."""
        request = self.http.request(method, self.url + path, data=data, json=json, allow_redirects=False)
        async with request as response:
            return response.status, await response.text()

    async def page(self, path: str, **headers: str) -> str:
        status, text = await self.go(path, **headers)
        assert status == 200, text
        return text


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    assets.ensure_built()


@pytest.fixture
def services() -> Services:
    return stage.services()


@pytest.fixture
async def on_stage(services: Services) -> AsyncIterator[Stage]:
    """A running server, asked by an administrator who is signed in."""
    async with staged(services) as made:
        yield made


@asynccontextmanager
async def staged(services: Services) -> AsyncIterator[Stage]:
    """The same for who has a loop of his own."""
    running = await server.start(server.create_app(services), "127.0.0.1", 0)
    async with aiohttp.ClientSession() as unused:
        bare = Stage(services, running.url, unused)
        yield await bare.as_role("administrator", name="مدیر سامانه")
        for http in bare.opened:
            await http.close()
    await running.stop()
    await services.crm.database.close()
