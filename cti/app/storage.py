"""The database opened, brought up to date, and what the features keep in it."""

from __future__ import annotations

from collections.abc import Callable

from cti.kernel.db import Database
from cti.kernel.settings import Settings


async def open_database(settings: Settings, publish: Callable[[object], None] | None = None) -> Database:
    """The database at this version. Raises ``ConfigurationError`` or what the database raises."""
    from call_log.migrations import bring_up_to_date

    settings.folder.mkdir(parents=True, exist_ok=True)
    database = await Database.open(settings.database, publish=publish)
    try:
        await bring_up_to_date(database)
    except BaseException:
        await database.close()
        raise
    return database


async def migrate_database(settings: Settings) -> None:
    """``cti migrate``."""
    database = await open_database(settings)
    await database.close()
