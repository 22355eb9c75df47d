"""A PBX of each test's own: what is done to it harms no other test."""

from collections.abc import AsyncIterator

import pytest

from tests.pbx.asterisk import Asterisk


@pytest.fixture
async def pbx() -> AsyncIterator[Asterisk]:
    """A real Asterisk with the plain dialplan."""
    instance = Asterisk("plain")
    try:
        await instance.start()
        yield instance
    finally:
        instance.remove()
