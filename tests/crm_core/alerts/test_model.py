"""The tables are those that the migrations make."""

from __future__ import annotations

from crm_core.alerts.model import metadata
from web.services import Crm


async def test_every_column_is_there(crm: Crm) -> None:
    async with crm.database.read() as reader:
        for table in metadata.tables.values():
            assert not await reader.core(table.select())
