"""The call log's tables, brought up to date step by step; forward only.

Each file of ``versions`` is one step and says why it was taken. Neighbour: ``call_log.model`` describes the
tables as they are after the last step, and a test holds the two together.
"""

from __future__ import annotations

from pathlib import Path

from cti.kernel.db import Database
from cti.kernel.migrations import upgrade

VERSION_TABLE = "call_log_version"
FOLDER = Path(__file__).parent


async def bring_up_to_date(database: Database, to: str = "heads") -> str:
    """Bring the call log's tables up to date; the version they then have."""
    return await upgrade(database, FOLDER, VERSION_TABLE, to)


async def migrate(url: str, to: str = "heads") -> str:
    """Bring the call log's tables in the database at ``url`` up to date; the version it then has."""
    database = await Database.open(url)
    try:
        return await bring_up_to_date(database, to)
    finally:
        await database.close()
