"""The tables as they are described are the tables as the steps make them: of every feature of `crm_core`."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from cti.app.storage import FEATURES
from cti.kernel.db import Database

DESCRIBED = [importlib.import_module(f.__name__.replace(".migrations", ".model")).metadata for f in FEATURES]


@pytest.mark.parametrize("metadata", DESCRIBED, ids=[f.__name__.split(".")[-2] for f in FEATURES])
async def test_described_as_made(database: Database, metadata: Any) -> None:
    def ours(described: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        if kind == "index" and "only" in described.info:
            return bool(described.info["only"] == database.dialect)
        return kind != "table" or name in metadata.tables

    def compare(connection: Connection) -> list[Any]:
        options = {"include_object": ours}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    async with database.read() as reader:
        assert await reader.connection.run_sync(compare) == []
