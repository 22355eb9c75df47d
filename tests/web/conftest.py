"""A running web server with the sample's day behind it, and a client to ask it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest

from tests.web import stage
from web import assets, server
from web.services import Services


@dataclass
class Stage:
    """``services`` is what stands behind the pages; ``go`` asks for one and gives status and text."""

    services: Services
    url: str
    http: aiohttp.ClientSession

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
    running = await server.start(server.create_app(services), "127.0.0.1", 0)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield Stage(services, running.url, http)
    await running.stop()
    await services.crm.database.close()
