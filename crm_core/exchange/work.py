"""Who works on which import: one at a time in each process, and after a kill somebody goes on with it.

An import that is at work names its process, which says every few seconds that it is alive. Of a process on this
machine that is gone we know at once, of another by its silence.

Neighbours: ``service`` asks for work to be done, ``checking``, ``running`` and ``reverting`` do it, ``clearing``
removes what is left of it.
"""

from __future__ import annotations

import asyncio
import logging
import os

from crm_core.exchange import store
from crm_core.exchange.checking import check
from crm_core.exchange.clearing import clear
from crm_core.exchange.convert import Fault
from crm_core.exchange.means import Means, TakenAwayError
from crm_core.exchange.model import Import, State
from crm_core.exchange.reverting import revert
from crm_core.exchange.running import note_imported, run
from cti.kernel.db import left_for_later, transient
from cti.kernel.errors import N_, InvalidError

log = logging.getLogger(__name__)

SILENT_SECONDS = 30.0
"""Whoever has not said for so long that he is alive, is not."""
LOOK_SECONDS = 2.0
CLEAR_SECONDS = 3_600.0
_WORK = {"checking": check, "running": run, "reverting": revert}


class Work:
    def __init__(self, means: Means) -> None:
        self._means = means
        self._asked = asyncio.Event()
        self._cleared = float("-inf")

    def ask(self) -> None:
        """There is something to do now."""
        self._asked.set()

    async def run(self) -> None:
        """For as long as the product runs."""
        while True:
            self._asked.clear()
            with left_for_later(log, "imports wait"):
                while await self.one():
                    pass
                await self._clear()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._asked.wait()
            except TimeoutError:
                continue

    async def _clear(self) -> None:
        """Once an hour. A folder that cannot be written is no reason to stop importing."""
        now = self._means.clock.monotonic()
        if now < self._cleared + CLEAR_SECONDS:
            return
        self._cleared = now
        try:
            if count := await clear(self._means):
                log.info("%d files of imports that are over were removed", count)
        except PermissionError as error:
            log.warning("files of imports that are over cannot be removed: %s", error)

    async def one(self, only: str | None = None) -> bool:
        """Take the oldest import that has to be worked on (or ``only`` that one) to its end; False if there is none."""
        async with self._means.database.read() as reader:
            waiting = await store.due(reader)
        for import_id, runner, beat in waiting:
            if only in (None, import_id) and self._free(runner, beat) and await self._take(import_id, runner):
                await self._work(import_id)
                return True
        return False

    def _free(self, runner: str, beat: float) -> bool:
        if runner in ("", self._means.runner):
            return True
        host, pid, _ = runner.rsplit(":", 2)
        own_host, own_pid, _ = self._means.runner.rsplit(":", 2)
        if host == own_host and (pid == own_pid or not _alive(int(pid))):
            return True
        return beat < self._means.clock.now() - SILENT_SECONDS

    async def _take(self, import_id: str, runner: str) -> bool:
        async with self._means.database.transaction() as tx:
            return await store.claim(tx, import_id, runner, self._means.runner, self._means.clock.now())

    async def _work(self, import_id: str) -> None:
        async with self._means.database.read() as reader:
            one = await store.get(reader, import_id)
        if one is None or one.state not in _WORK:
            return
        try:
            await _WORK[one.state](self._means, one)
        except TakenAwayError:
            log.info("import %s: stopped at row %d", import_id, one.position)
        except InvalidError as error:
            values = {name: v if isinstance(v, int) else str(v) for name, v in error.values.items()}
            await self._failed(one, Fault(-1, error.text, values))
        except Exception as error:
            if transient(error):
                raise
            log.exception("import %s failed", import_id)
            await self._failed(one, Fault(-1, N_("Something went wrong on our side; it is written in the log."), {}))

    async def _failed(self, one: Import, fault: Fault) -> None:
        """A dry run that fails goes back to the mapping; a run that fails stays where it is, and can go on."""
        state: State = "uploaded" if one.state == "checking" else "failed"
        async with self._means.database.transaction() as tx:
            now = self._means.clock.now()
            changes = {"state": state, "fault": fault, "finished_at": now, "changed_at": now, "runner": ""}
            await store.change(tx, one.id, changes)
            self._means.moved(tx, one)
            if one.state == "running":
                await note_imported(self._means, tx, one.id)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
