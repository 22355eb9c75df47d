"""Runs a write once per key of an actor (the ``Idempotency-Key`` of the API) and remembers its answer for a day.

Neighbour: ``web.api.operation`` asks it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Transaction
from cti.kernel.errors import ConflictError

KEPT_SECONDS = 86_400.0
ABANDONED_SECONDS = 60.0
"""A write that has been at work for longer died with its process, and may be sent again."""

Answer = tuple[int, bytes]
Run = Callable[[], Awaitable[Answer]]


class Replies:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def once(self, actor: Actor, key: str, fingerprint: str, run: Run) -> Answer:
        """The answer of ``run``, or what it was the first time. ``fingerprint`` stands for the whole request.

        Raises what ``run`` raises (the key is then free again), and ConflictError if the key was used for another
        request or its first request is still at work.
        """
        owner = f"{actor.kind}:{actor.id}"
        before = await self._begin(owner, key, fingerprint)
        if before is not None:
            return before
        try:
            answer = await run()
        except BaseException:
            await self._forget(owner, key)
            raise
        async with self._database.transaction() as tx:
            await tx.execute("UPDATE reply SET status = ?, body = ? WHERE actor = ? AND key = ?", *answer, owner, key)
        return answer

    async def _begin(self, owner: str, key: str, fingerprint: str) -> Answer | None:
        now = self._clock.now()
        async with self._database.transaction() as tx:
            await tx.lock(0x7E91)
            await tx.execute("DELETE FROM reply WHERE at < ?", now - KEPT_SECONDS)
            row = await tx.one(
                "SELECT fingerprint, status, body, at FROM reply WHERE actor = ? AND key = ?", owner, key
            )
            if row is None:
                await self._note(tx, owner, key, fingerprint, now)
                return None
            if row[0] != fingerprint:
                raise ConflictError("Idempotency-Key: this key was used for another request; choose a new one.")
            if row[1] is not None:
                return int(row[1]), bytes(row[2])
            if row[3] > now - ABANDONED_SECONDS:
                raise ConflictError("Idempotency-Key: the first request with this key is still at work.")
            await tx.execute("DELETE FROM reply WHERE actor = ? AND key = ?", owner, key)
            await self._note(tx, owner, key, fingerprint, now)
            return None

    async def _note(self, tx: Transaction, owner: str, key: str, fingerprint: str, now: float) -> None:
        await tx.execute(
            "INSERT INTO reply (actor, key, fingerprint, at) VALUES (?, ?, ?, ?)", owner, key, fingerprint, now
        )

    async def _forget(self, owner: str, key: str) -> None:
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM reply WHERE actor = ? AND key = ?", owner, key)
