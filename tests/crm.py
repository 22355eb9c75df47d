"""A database with every table of the product, for tests of what is kept in it: made once, then copied.

`database` gives a test one of each kind that the product runs on; `quick_crm` the services of `crm_core` on SQLite.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest

from crm_core.results.part import CallSource
from cti.app.crm import open_crm
from cti.app.storage import open_database
from cti.kernel.clock import Clock, ManualClock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from tests.databases import postgres
from tests.scratch import scratch
from web.services import Crm

NOW = 1795338000.0


@cache
def model(kind: str) -> str:
    """The URL of a database that is up to date, to be copied: quicker than running the migrations for each test."""
    folder = scratch("model")
    url = postgres().new_url() if kind == "postgresql" else f"sqlite+aiosqlite:///{folder / 'model.sqlite'}"

    async def make() -> None:
        await (await open_database(Settings(data=str(folder), database_url=url))).close()

    thread = threading.Thread(target=lambda: asyncio.run(make()))  # a test's loop may be running in this one
    thread.start()
    thread.join()
    return url


def new_url(kind: str, folder: Path) -> str:
    """A database of the test's own with all tables."""
    if kind == "postgresql":
        return postgres().new_url(like=model(kind))
    shutil.copy(model(kind).removeprefix("sqlite+aiosqlite:///"), folder / "tamas.sqlite")
    return f"sqlite+aiosqlite:///{folder / 'tamas.sqlite'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables, once of each kind."""
    return new_url(request.param, tmp_path)


@pytest.fixture
def told() -> list[object]:
    """What was published after commits."""
    return []


@pytest.fixture
async def database(ready_url: str, told: list[object]) -> AsyncIterator[Database]:
    opened = Database.at(ready_url, publish=told.append)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def crm(database: Database, clock: ManualClock, tmp_path: Path) -> Crm:
    """Every service of `crm_core`, on each kind of database."""
    return open_crm(Settings(data=str(tmp_path)), database, clock)


def quick_crm(clock: Clock, publish: list[object] | None = None, calls: CallSource | None = None) -> Crm:
    """Every service of `crm_core` on a SQLite file that goes when the process does; close its `database`. `calls`: a
    call log that is not in it."""
    folder = scratch("crm")
    database = Database.at(new_url("sqlite", folder), publish=None if publish is None else publish.append)
    return open_crm(Settings(data=str(folder)), database, clock, calls)
