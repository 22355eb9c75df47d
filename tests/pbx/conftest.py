"""The lab's fixtures: one Asterisk of each dialplan per test session, started when first asked for."""

from collections.abc import AsyncIterator

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


async def _running(dialplan: str) -> AsyncIterator[Asterisk]:
    instance = Asterisk(dialplan)
    try:
        await instance.start()
        yield instance
    finally:
        instance.remove()
