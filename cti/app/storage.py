"""The database opened, brought up to date, and what the features keep in it."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import call_log.migrations
import crm_core.agents.migrations
import crm_core.alerts.migrations
import crm_core.audit.migrations
import crm_core.contacts.migrations
import crm_core.duplicates.migrations
import crm_core.exchange.migrations
import crm_core.fields.migrations
import crm_core.figures.migrations
import crm_core.files.migrations
import crm_core.notes.migrations
import crm_core.replies.migrations
import crm_core.results.migrations
import crm_core.softphones.migrations
import crm_core.tasks.migrations
import crm_core.timeline.migrations
import crm_core.users.migrations
import crm_core.wallboards.migrations
from cti.kernel.db import Database, transient
from cti.kernel.errors import ConfigurationError, DatabaseUnavailableError
from cti.kernel.settings import Settings

FEATURES: tuple[ModuleType, ...] = (
    call_log.migrations,
    crm_core.replies.migrations,
    crm_core.users.migrations,
    crm_core.contacts.migrations,
    crm_core.duplicates.migrations,
    crm_core.audit.migrations,
    crm_core.fields.migrations,
    crm_core.timeline.migrations,
    crm_core.notes.migrations,
    crm_core.files.migrations,
    crm_core.tasks.migrations,
    crm_core.softphones.migrations,
    crm_core.results.migrations,
    crm_core.agents.migrations,
    crm_core.exchange.migrations,
    crm_core.figures.migrations,
    crm_core.wallboards.migrations,
    crm_core.alerts.migrations,
)
"""Each feature's migrations, in the order in which they are run."""


async def open_database(settings: Settings, publish: Callable[[object], None] | None = None) -> Database:
    """The database at this version.

    Raises ``ConfigurationError``, ``DatabaseUnavailableError`` or what the database raises; nothing is then open.
    """
    from alembic.util.exc import CommandError

    from cti.kernel.migrations import upgrade

    settings.folder.mkdir(parents=True, exist_ok=True)
    database = await Database.open(settings.database, publish=publish)
    try:
        for feature in FEATURES:
            await upgrade(database, feature.FOLDER, feature.VERSION_TABLE)
    except BaseException as error:
        await database.close()
        if isinstance(error, CommandError):
            raise ConfigurationError(f"the database was made by a later version of Tamas: {error}") from error
        if transient(error):
            raise DatabaseUnavailableError(f"the database cannot be used: {error}") from error
        raise
    return database


async def migrate_database(settings: Settings) -> None:
    """``cti migrate``."""
    database = await open_database(settings)
    await database.close()
