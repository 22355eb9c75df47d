"""Bring a feature's tables to the newest version: forward only, each step with its reason.

A feature keeps its steps in ``<feature>/migrations/versions`` (Alembic scripts) and has a version table
of its own, so features move on independently. Alembic takes half a second to import: here, when a
database is really brought up to date, and nowhere else.

Neighbours: ``<feature>.migrations`` names its folder and table; ``cti.app`` runs them before anything else.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from cti.kernel.db import Database, Transaction

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

_LOCK = 0x7A3A5


async def upgrade(database: Database, folder: Path, version_table: str, to: str = "heads") -> str:
    """Run the steps that ``database`` lacks, all in one transaction; the version it then has.

    Two processes that start together take turns. Raises what the database raises; nothing is then changed.
    """
    async with database.transaction() as transaction:
        return await upgrade_in(transaction, folder, version_table, to)


async def upgrade_in(transaction: Transaction, folder: Path, version_table: str, to: str = "heads") -> str:
    """As ``upgrade``, within a transaction that does more."""
    await asyncio.to_thread(__import__, "alembic.command")
    await transaction.lock(_LOCK)
    return await transaction.connection.run_sync(_upgrade, folder, version_table, to)


async def revisions(folder: Path) -> frozenset[str]:
    """The versions that this feature's steps know."""
    await asyncio.to_thread(__import__, "alembic.command")
    return await asyncio.to_thread(lambda: frozenset(step.revision for step in _script(folder).walk_revisions()))


async def newest(folder: Path) -> str | None:
    """The version that this feature's tables have after its last step."""
    await asyncio.to_thread(__import__, "alembic.command")
    return await asyncio.to_thread(lambda: _script(folder).get_current_head())


def _upgrade(connection: Connection, folder: Path, version_table: str, to: str) -> str:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    script = _script(folder)
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": version_table,
            "render_as_batch": True,
            "script": script,
            "fn": lambda revision, _context: script._upgrade_revs(to, revision),
        },
    )
    with Operations.context(context):
        context.run_migrations()
    return context.get_current_revision() or ""


def _script(folder: Path) -> ScriptDirectory:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)
