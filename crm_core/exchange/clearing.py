"""Files of imports that nobody needs any longer are removed; what became of the rows stays.

A file is needed for as long as its import can begin or go on. What can still be done after it is over (mending rows,
taking it back) is done with what the database keeps. Neighbour: ``work`` clears now and then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from crm_core.exchange import store
from crm_core.exchange.means import Means

KEPT_SECONDS = 30 * 86_400.0
"""How long a file is kept after its import was over or, of one that was never begun, last touched: as long as a merge
can be undone."""
STRAY_SECONDS = 86_400.0
"""A file of no import at all (its upload was broken off by a kill) goes after so long: it may still be coming in."""


async def clear(means: Means) -> int:
    """Forget imports that were not begun for so long, and remove the files of those that are over and of none. How many
    files were removed. Raises what the database raises; what was left is then removed the next time."""
    now = means.clock.now()
    async with means.database.transaction() as tx:
        await store.forget_unbegun(tx, now - KEPT_SECONDS)
        await store.let_go_of_files(tx, now - KEPT_SECONDS)
        needed = await store.files(tx)
    return await asyncio.to_thread(_remove, means.folder, needed, now - STRAY_SECONDS)


def _remove(folder: Path, needed: Collection[str], before: float) -> int:
    """By the folder, not by what was just let go: so nothing is left of what a kill came between."""
    gone = [path for path in _files(folder) if path.name not in needed and path.stat().st_mtime < before]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
