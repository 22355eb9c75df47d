"""The SIP accounts of phones that are used in the browser, and what such a phone heard.

A secret leaves only for who works at the phone at this moment, in a session of his own; it is sealed where it is kept.
Neighbours: ``model``, ``quality``; ``ami_listener.softphone_conf`` writes the file for the PBX.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from crm_core.audit.service import Audit
from crm_core.softphones.model import LONGEST, Account, Heard, Quality, Softphone, call_quality, softphone
from crm_core.softphones.quality import mos
from crm_core.users.texts import storable
from cti.kernel.actor import Actor
from cti.kernel.clock import Clock
from cti.kernel.db import Database, Reader
from cti.kernel.errors import N_, ForbiddenError, InvalidError, NotFoundError
from cti.kernel.vault import Vault

USE, MANAGE = "desk.use", "pbx.manage"
_ENDPOINT = re.compile(r"PJSIP/[A-Za-z0-9_.+-]{1,79}").fullmatch
_LOGIN = re.compile(r"[A-Za-z0-9_.+-]{1,80}").fullmatch
_EXTENSION = re.compile(r"[A-Za-z0-9*#+_.-]{1,24}").fullmatch
_COLUMNS = "pbx, endpoint, extension, login, secret, ours, changed_at"


class Softphones:
    """``is_one`` answers from memory; ``load`` reads it."""

    def __init__(self, database: Database, clock: Clock, audit: Audit, vault: Vault) -> None:
        self._database, self._clock, self._audit, self._vault = database, clock, audit, vault
        self._known: frozenset[tuple[str, str]] = frozenset()
        self._extensions: frozenset[str] = frozenset()

    def is_one(self, pbx: str, endpoint: str) -> bool:
        """Is this endpoint used in the browser?"""
        return (pbx, endpoint) in self._known

    def used_at(self, extensions: Iterable[str]) -> bool:
        """Is a phone of one of these extensions used in the browser?"""
        return not self._extensions.isdisjoint(extensions)

    async def load(self) -> None:
        """Read which endpoints are softphones (for the product's own use)."""
        async with self._database.read() as reader:
            rows = await reader.fetch("SELECT pbx, endpoint, extension FROM softphone")
        self._known = frozenset((pbx, endpoint) for pbx, endpoint, _ in rows)
        self._extensions = frozenset(extension for _, _, extension in rows)

    async def mine(self, actor: Actor) -> tuple[Account, ...]:
        """The accounts of the phones where I work now. Needs desk.use, and a session: no token gets a secret."""
        actor.require(USE)
        if actor.kind != "user":
            raise ForbiddenError(N_("A softphone is for who is signed in, not for a program with a token."))
        async with self._database.read() as reader:
            rows = await reader.fetch(f"SELECT {_COLUMNS} FROM softphone ORDER BY pbx, endpoint")
        opened = ((row, self._vault.open(row[4])) for row in rows if row[2] in actor.extensions)
        return tuple(
            Account(row[0], row[1], row[2], row[3], secret, bool(row[5]))
            for row, secret in opened
            if secret is not None
        )

    async def all(self, actor: Actor) -> tuple[Softphone, ...]:
        """Every softphone, without its secret. Needs pbx.manage."""
        actor.require(MANAGE)
        async with self._database.read() as reader:
            rows = await reader.fetch(f"SELECT {_COLUMNS} FROM softphone ORDER BY pbx, extension, endpoint")
        return tuple(
            Softphone(
                pbx=pbx, endpoint=endpoint, extension=extension, login=login, ours=bool(ours), changed_at=changed_at,
                readable=self._vault.open(secret) is not None,
            )
            for pbx, endpoint, extension, login, secret, ours, changed_at in rows
        )  # fmt: skip

    async def put(
        self, actor: Actor, pbx: str, endpoint: str, extension: str, *, login: str = "", secret: str | None = None
    ) -> None:
        """Use an endpoint of the PBX in the browser. ``secret`` None: the product makes one, for the file that the PBX
        includes; else it is the one that the PBX has. ``login``: as the PBX wants it, by default the endpoint's name.
        Needs pbx.manage. InvalidError says what cannot be."""
        actor.require(MANAGE)
        login = login or endpoint.partition("/")[2]
        for name, value, good in (
            ("pbx", pbx, 0 < len(pbx) <= LONGEST and pbx == storable(pbx)),
            ("endpoint", endpoint, _ENDPOINT(endpoint)),
            ("extension", extension, _EXTENSION(extension)),
            ("login", login, _LOGIN(login)),
            ("secret", secret or "x", _fit(secret)),
        ):
            if not good:
                raise InvalidError(N_("%(field)s: %(value)s cannot be one."), field=name, value=_shown(name, value))
        sealed = self._vault.seal(_made() if secret is None else secret)
        async with self._database.transaction() as tx:
            await tx.execute("DELETE FROM softphone WHERE pbx = ? AND endpoint = ?", pbx, endpoint)
            await tx.insert(softphone, [(pbx, endpoint, extension, login, sealed, secret is None, self._clock.now())])
            await self._audit.note(tx, actor, "changed", "softphone", f"{pbx}/{endpoint}", {"extensions": extension})
        await self.load()

    async def remove(self, actor: Actor, pbx: str, endpoint: str) -> None:
        """It is a softphone no more. Needs pbx.manage. NotFoundError."""
        actor.require(MANAGE)
        async with self._database.transaction() as tx:
            await self._must_be(tx, pbx, endpoint)
            await tx.execute("DELETE FROM softphone WHERE pbx = ? AND endpoint = ?", pbx, endpoint)
            await self._audit.note(tx, actor, "deleted", "softphone", f"{pbx}/{endpoint}")
        await self.load()

    async def rotate(self, actor: Actor, pbx: str) -> int:
        """New secrets for all that the product makes them for; how many. Whoever is registered goes on until he comes
        anew. Needs pbx.manage."""
        actor.require(MANAGE)
        async with self._database.transaction() as tx:
            rows = await tx.fetch("SELECT endpoint FROM softphone WHERE pbx = ? AND ours", storable(pbx))
            for (endpoint,) in rows:
                await tx.execute(
                    "UPDATE softphone SET secret = ?, changed_at = ? WHERE pbx = ? AND endpoint = ?",
                    self._vault.seal(_made()), self._clock.now(), pbx, endpoint,
                )  # fmt: skip
            await self._audit.note(tx, actor, "changed", "softphone", storable(pbx), {"number": len(rows)})
        return len(rows)

    async def ours(self, actor: Actor, pbx: str) -> tuple[Account, ...]:
        """The accounts whose secrets the product makes, for the PBX's file. Needs pbx.manage."""
        actor.require(MANAGE)
        async with self._database.read() as reader:
            rows = await reader.fetch(
                f"SELECT {_COLUMNS} FROM softphone WHERE pbx = ? AND ours ORDER BY endpoint", storable(pbx)
            )
        opened = ((row, self._vault.open(row[4])) for row in rows)
        return tuple(Account(row[0], row[1], row[2], row[3], secret, True) for row, secret in opened if secret)

    # --- how it was heard

    async def heard(self, actor: Actor, heard: Heard) -> Quality:
        """Keep how I heard a call; told again, the longer one stays. Needs desk.use."""
        actor.require(USE)
        call, now = storable(heard.call), self._clock.now()
        values = (heard.seconds, heard.round_trip, heard.jitter, heard.loss)
        async with self._database.transaction() as tx:
            await tx.execute(
                "DELETE FROM call_quality WHERE call_id = ? AND user_id = ? AND seconds <= ?",
                call,
                actor.id,
                heard.seconds,
            )
            if await tx.one("SELECT 1 FROM call_quality WHERE call_id = ? AND user_id = ?", call, actor.id) is None:
                await tx.insert(call_quality, [(call, actor.id, now, *values)])
        return Quality(actor.id, heard, mos(heard.round_trip, heard.jitter, heard.loss))

    async def of_calls(self, calls: Iterable[str]) -> tuple[Quality, ...]:
        """How these calls (ids) were heard; who may see them is the caller's to have asked."""
        wanted = [storable(call) for call in calls]
        if not wanted:
            return ()
        async with self._database.read() as reader:
            rows = await reader.fetch_in(
                "SELECT call_id, user_id, seconds, round_trip, jitter, loss FROM call_quality WHERE call_id IN (?)",
                wanted,
            )
        return tuple(
            Quality(user, Heard(call, seconds, jitter, loss, trip), mos(trip, jitter, loss))
            for call, user, seconds, trip, jitter, loss in rows
        )

    async def _must_be(self, reader: Reader, pbx: str, endpoint: str) -> None:
        row = await reader.one(
            "SELECT 1 FROM softphone WHERE pbx = ? AND endpoint = ?", storable(pbx), storable(endpoint)
        )
        if row is None:
            raise NotFoundError(N_("There is no such softphone."))


def _made() -> str:
    """A secret that any configuration file takes: letters, digits, - and _."""
    return secrets.token_urlsafe(24)


def _fit(secret: str | None) -> bool:
    """Can it stand in a configuration file of the PBX, and in a header? (None: it is made here.)"""
    return secret is None or (
        0 < len(secret) <= LONGEST and secret.isascii() and secret.isprintable() and ";" not in secret
    )


def _shown(name: str, value: str) -> str:
    return "…" if name == "secret" else storable(value)[:LONGEST]
