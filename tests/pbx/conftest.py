"""The lab's fixtures: one Asterisk of each dialplan per test session, started when first asked for."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.pbx.asterisk import Asterisk


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asterisk() -> AsyncIterator[Asterisk]:
    """A real Asterisk with the plain dialplan. A test that stops it starts it again."""
    async for one in _running("plain"):
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def asterisk_freepbx() -> AsyncIterator[Asterisk]:
    """A real Asterisk with the FreePBX-shaped dialplan."""
    async for one in _running("freepbx"):
        yield one


@pytest_asyncio.fixture(autouse=True)
async def nobody_is_paused(request: pytest.FixtureRequest) -> None:
    """A PBX keeps the pauses of a product that is gone: whom an earlier test left paused would never be rung."""
    if "asterisk" not in request.fixturenames:
        return
    pbx: Asterisk = request.getfixturevalue("asterisk")
    for interface in sorted(set(re.findall(r"\((\S+/\S+?)\).*\(paused", await pbx.cli("queue show")))):
        await pbx.cli(f"queue unpause member {interface}")


async def _running(dialplan: str) -> AsyncIterator[Asterisk]:
    instance = Asterisk(dialplan)
    try:
        await instance.start()
        yield instance
    finally:
        instance.remove()
