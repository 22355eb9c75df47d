"""Folders that outlive no test run: removed when their process ends, and by the next run if it was killed.

Only databases and other large things of a whole run live here; what one test writes belongs in its ``tmp_path``.
"""

from __future__ import annotations

import atexit
import fcntl
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

_PREFIX = "tamas-test-"
_LOCK = ".held"
_held: list[IO[bytes]] = []


def scratch(name: str) -> Path:
    """A new empty folder (a lock apart) for this process, with ``name`` in its own name."""
    _sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{name}-"))
    lock = (folder / _LOCK).open("wb")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _held.append(lock)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _sweep() -> None:
    """Remove the folders of processes that were killed: nobody holds their lock. A lock, not a process id, says so,
    since two runs may share the disk and number their processes each for themselves."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        try:
            with lock.open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                subprocess.run(["rm", "-rf", "--one-file-system", lock.parent], check=False)
        except OSError:
            continue  # in use, gone meanwhile, or somebody else's
