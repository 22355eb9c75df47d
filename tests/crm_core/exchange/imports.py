"""Steps that tests of imports share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from crm_core.contacts.model import Party, PartyFilter
from crm_core.exchange.model import Import
from cti.kernel.actor import Actor, system
from tests.crm_core.exchange.files import pieces
from web.services import Crm

ME = msgspec.structs.replace(system("me"), id="me", kind="user", origin="192.0.2.1")


async def received(crm: Crm, path: Path, actor: Actor = ME, **policy: Any) -> Import:
    one = await crm.exchange.receive(actor, path.name, pieces(path))
    return await crm.exchange.map(actor, one.id, one.mapping, msgspec.structs.replace(one.policy, **policy))


async def checked(crm: Crm, path: Path, **policy: Any) -> Import:
    one = await crm.exchange.check(ME, (await received(crm, path, **policy)).id)
    assert await crm.exchange.work.one(one.id)
    return await crm.exchange.get(ME, one.id)


async def done(crm: Crm, path: Path, **policy: Any) -> Import:
    one = await crm.exchange.start(ME, (await received(crm, path, **policy)).id)
    assert await crm.exchange.work.one(one.id)
    return await crm.exchange.get(ME, one.id)


async def reverted(crm: Crm, one: Import) -> Import:
    await crm.exchange.revert(ME, one.id)
    assert await crm.exchange.work.one(one.id)
    return await crm.exchange.get(ME, one.id)


async def everybody(crm: Crm, **wanted: Any) -> list[Party]:
    found: list[Party] = []
    cursor: str | None = None
    while True:
        page = await crm.contacts.page(ME, PartyFilter(**wanted), cursor, 500)
        found += page.items
        if (cursor := page.next) is None:
            return found
