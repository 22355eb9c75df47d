"""Guessing is slow: by login, by address, and for a hundred at once."""

from __future__ import annotations

import asyncio

import pytest

from crm_core.users.limits import ADDRESS_SECONDS, ADDRESS_TRIES, FORGET_SECONDS, FREE_TRIES, Limits, wait_after
from cti.kernel.clock import ManualClock
from cti.kernel.db import Database
from cti.kernel.errors import TooManyError


@pytest.fixture
def limits(database: Database, clock: ManualClock) -> Limits:
    return Limits(database, clock)


def test_each_wrong_try_costs_more() -> None:
    assert [wait_after(n) for n in range(1, 8)] == [0, 0, 0, 0, 15, 30, 60]
    assert wait_after(10_000) == 900


async def test_a_login_locks_for_a_while(limits: Limits, clock: ManualClock) -> None:
    for _ in range(FREE_TRIES):
        await limits.begin("sara", "")
    with pytest.raises(TooManyError) as refused:
        await limits.begin("SARA ", "")
    assert refused.value.retry_seconds == 15
    clock.advance(15)
    await limits.begin("sara", "")
    with pytest.raises(TooManyError):
        await limits.begin("sara", "")
    await limits.begin("reza", "")


async def test_a_right_one_makes_good(limits: Limits) -> None:
    for _ in range(20):
        await limits.begin("sara", "192.0.2.1")
        await limits.passed("sara", "192.0.2.1")
    for _ in range(FREE_TRIES):
        await limits.begin("sara", "192.0.2.1")


async def test_it_is_forgotten(limits: Limits, clock: ManualClock) -> None:
    for _ in range(FREE_TRIES):
        await limits.begin("sara", "")
    clock.advance(FORGET_SECONDS + 1)
    for _ in range(FREE_TRIES):
        await limits.begin("sara", "")


async def test_a_hundred_at_once_are_a_hundred(limits: Limits) -> None:
    tries = [limits.begin("sara", "192.0.2.1") for _ in range(100)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(one is None for one in done) == FREE_TRIES


@pytest.mark.parametrize(
    "addresses", [("192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::ffff"), ("::ffff:192.0.2.1",) * 2]
)
async def test_an_address_that_tries_many_logins(
    limits: Limits, clock: ManualClock, addresses: tuple[str, str]
) -> None:
    for n in range(ADDRESS_TRIES):
        await limits.begin(f"user{n}", addresses[n % 2])
    with pytest.raises(TooManyError):
        await limits.begin("another", addresses[0])
    await limits.begin("another", "198.51.100.1")
    clock.advance(ADDRESS_SECONDS)
    await limits.begin("another", addresses[0])


async def test_what_people_type_is_not_kept(limits: Limits, database: Database) -> None:
    await limits.begin("my secret password", "not an address \ud800")
    async with database.read() as reader:
        assert "secret" not in str(await reader.fetch("SELECT * FROM sign_in_attempt"))
