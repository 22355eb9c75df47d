"""The CRM's services stand on one database."""

from __future__ import annotations

from tests.crm import clock, crm, database, ready_url, told
from web.services import Crm

__all__ = ["clock", "crm", "database", "ready_url", "told"]


async def test_they_share_a_database(crm: Crm) -> None:
    async with crm.database.read() as reader:
        assert await reader.one("SELECT COUNT(*) FROM reply") == (0,)
