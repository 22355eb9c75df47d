"""Supervisors' ears wired into the product: where PBXs send sound, who hears of it, what is written down of it.

Neighbours: ``cti.control.spying`` does the work, ``ami_listener.media`` takes the sound, ``media`` opens it,
``product`` begins and ends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ami_listener.media import MediaServer
from cti.app import media
from cti.app.tls import keep_fresh
from cti.control import spying
from cti.control.monitor import Monitor, State, Told
from cti.control.service import Commands
from cti.control.spying import Spying
from cti.kernel.actor import Actor, system
from cti.kernel.errors import ConfigurationError, DatabaseUnavailableError, NotFoundError
from cti.kernel.settings import Settings
from cti.live.events import LiveCall
from cti.live.record import rfc3339

if TYPE_CHECKING:
    from cti.app.product import Product

WATCHING = system("monitoring")


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``notice``: an agent is told while somebody listens to him."""

    notice: bool = False


class Monitoring:
    """``spying`` is what pages and API ask."""

    def __init__(self, product: Product, commands: Commands) -> None:
        self._product = product
        self._rules = rules_of(product.settings)
        self.media = MediaServer()
        self.spying = Spying(
            commands.parts,
            product.clock,
            _Reached(product),
            commands.own_phone,
            self._note,
            self._tell,
            self._renewed,
        )
        self.spying.told = self._rules.notice

    async def begin(self) -> None:
        """The PBXs are known: go on by itself. Raises ``ConfigurationError`` where ``CTI_MEDIA`` cannot be had."""
        product = self._product
        if product.settings.media:
            tls = await media.open_media(self.media, product.settings, product.clock.now())
            self.spying.ears = self.media
            if tls is not None:
                product.tasks.start("media tls", lambda: keep_fresh(tls, product.settings, product.clock))
        product.bus.subscribe("monitoring", spying.KINDS, self.spying.take)
        product.tasks.start("monitoring", self.spying.run)

    async def end(self) -> None:
        await self.spying.stop_all()
        await self.media.close()

    async def _note(self, actor: Actor, mode: str, monitor: Monitor, seconds: float | None) -> None:
        crm = self._product.crm
        detail: dict[str, Any] = {"extension": monitor.extension, "agent": monitor.agent, "phone": not monitor.browser}
        if seconds is not None:
            detail |= {"over": True, "seconds": round(seconds)}
        async with crm.database.transaction() as tx:
            await crm.audit.note(tx, actor, f"monitor-{mode}", "call", monitor.call, detail)

    def _tell(self, told: Told) -> None:
        feed, monitor = self._product.feed, told.monitor
        feed.message(monitor.user, {"kind": "monitor", "why": told.why, **told_of(monitor, told.state)})
        if self._rules.notice and monitor.heard_at is not None:
            for agent in monitor.agents:
                said = told_of(monitor, "over" if told.over else told.state)
                feed.message(agent, {"kind": "heard", "why": "", **said})

    async def _renewed(self, actor: Actor) -> Actor | None:
        if not actor.id:
            return actor
        crm = self._product.crm
        try:
            user = await crm.users.get(WATCHING, actor.id)
            role = await crm.roles.get(WATCHING, user.role)
        except NotFoundError:
            return None
        except DatabaseUnavailableError:
            return actor  # who was let in stays until somebody can be asked
        may = actor.permissions & frozenset(role.permissions)
        return msgspec.structs.replace(actor, permissions=may, teams=frozenset(user.teams)) if user.active else None


class _Reached:
    """``crm_core``'s answer to whom a supervisor may hear."""

    def __init__(self, product: Product) -> None:
        self._reach, self._places = product.crm.reach, product.places

    def require_call(self, actor: Actor, call: LiveCall) -> None:
        self._reach.require_call(actor, call)

    def users_at(self, pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...]:
        return self._places.at(pbx, endpoint, extension)

    def may_user(self, actor: Actor, user_id: str) -> bool:
        return self._reach.may_user(actor, user_id)

    def name(self, user_id: str) -> str:
        return self._reach.name(user_id)

    def everybody(self, actor: Actor) -> bool:
        return self._reach.users(actor) is None


def told_of(monitor: Monitor, state: State) -> dict[str, Any]:
    """As screens are told it; the id of the channel stays here: it is what the PBX is let in by."""
    return {
        "id": monitor.id,
        "call": monitor.call,
        "mode": monitor.mode,
        "with": "browser" if monitor.browser else "phone",
        "extension": monitor.extension,
        "agent": monitor.agent,
        "state": state,
        "since": rfc3339(monitor.heard_at or monitor.since),
        "by": monitor.by,
    }


def rules_of(settings: Settings) -> Rules:
    """``[monitoring]`` of the settings. Raises ``ConfigurationError``."""
    try:
        return msgspec.convert(settings.monitoring, Rules)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"[monitoring]: {error}") from error
