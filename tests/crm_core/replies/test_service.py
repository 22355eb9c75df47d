"""A write with a key is done once."""

from __future__ import annotations

import asyncio

import pytest

from cti.kernel.actor import Actor
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, InvalidError
from web.services import Crm

ELHAM = Actor(id="1", name="Elham")
SINA = Actor(id="2", name="Sina")


class Work:
    def __init__(self) -> None:
        self.done = 0

    async def __call__(self) -> tuple[int, bytes]:
        self.done += 1
        return 201, b"%d" % self.done


async def test_the_same_write_is_answered_alike(crm: Crm) -> None:
    work = Work()
    for _ in range(3):
        assert await crm.replies.once(ELHAM, "k", "print", work) == (201, b"1")
    assert await crm.replies.once(SINA, "k", "print", work) == (201, b"2")


async def test_a_key_is_for_one_request(crm: Crm) -> None:
    await crm.replies.once(ELHAM, "k", "print", Work())
    with pytest.raises(ConflictError, match="another request"):
        await crm.replies.once(ELHAM, "k", "other", Work())


async def test_two_at_once(crm: Crm) -> None:
    running, go = asyncio.Event(), asyncio.Event()

    async def slow() -> tuple[int, bytes]:
        running.set()
        await go.wait()
        return 201, b"1"

    first = asyncio.create_task(crm.replies.once(ELHAM, "k", "print", slow))
    await running.wait()
    with pytest.raises(ConflictError, match="still at work"):
        await crm.replies.once(ELHAM, "k", "print", Work())
    go.set()
    assert await first == (201, b"1")


async def test_what_failed_may_be_tried_again(crm: Crm) -> None:
    async def fail() -> tuple[int, bytes]:
        raise InvalidError("no")

    with pytest.raises(InvalidError):
        await crm.replies.once(ELHAM, "k", "print", fail)
    assert await crm.replies.once(ELHAM, "k", "print", Work()) == (201, b"1")


async def test_what_died_may_be_sent_again_and_what_is_old_is_forgotten(crm: Crm, clock: ManualClock) -> None:
    async with crm.database.transaction() as tx:
        await tx.execute("INSERT INTO reply (actor, key, fingerprint, at) VALUES ('user:1', 'k', 'p', ?)", clock.now())
    clock.advance(61)
    assert await crm.replies.once(ELHAM, "k", "p", Work()) == (201, b"1")
    clock.advance(86_401)
    assert await crm.replies.once(ELHAM, "k", "quite another", Work()) == (201, b"1")
