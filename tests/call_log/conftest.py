"""The call log's tests run on both databases, brought up to date as the product does it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest

from call_log.migrations import migrate
from call_log.store import CallStore
from cti.kernel.db import Database
from tests.databases import database_url, postgres

__all__ = ["database_url"]


@cache
def _model(kind: str, folder: Path) -> str:
    """A database that is up to date, to be copied: quicker than running the migrations for each test."""
    url = postgres().new_url() if kind == "postgresql" else f"sqlite+aiosqlite:///{folder / 'model.sqlite'}"
    asyncio.run(migrate(url))
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def ready_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> str:
    """A database of the test's own with all tables, once of each kind that the product runs on."""
    model = _model(request.param, tmp_path_factory.getbasetemp())
    if request.param == "postgresql":
        return postgres().new_url(like=model)
    shutil.copy(tmp_path_factory.getbasetemp() / "model.sqlite", tmp_path / "tamas.sqlite")
    return f"sqlite+aiosqlite:///{tmp_path / 'tamas.sqlite'}"


@pytest.fixture
def told() -> list[object]:
    """What the database published, in order."""
    return []


@pytest.fixture
async def database(ready_url: str, told: list[object]) -> AsyncIterator[Database]:
    database = await Database.open(ready_url, publish=told.append)
    yield database
    await database.close()


@pytest.fixture
def store(database: Database) -> CallStore:
    return CallStore(database)
