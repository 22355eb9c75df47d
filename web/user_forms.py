"""The form of a user: filled from a user or from what was typed, with what there is to choose; read into a draft.

Neighbour: ``pages.users`` shows it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from crm_core.users.account import LIST_LENGTH, User, UserDraft
from cti.kernel.actor import Actor
from cti.kernel.errors import N_, InvalidError
from web.services import Crm
from web.typed import Typed, options

LISTS = ("teams", "extensions", "devices", "queues")


class Filled(msgspec.Struct):
    """What stands in the form."""

    login: str = ""
    name: str = ""
    role: str = "agent"
    version: int = 0
    teams: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


def empty() -> Filled:
    return Filled()


def of_user(user: User) -> Filled:
    return Filled(**{name: getattr(user, name) for name in Filled.__struct_fields__})


def typed_in(typed: Typed) -> Filled:
    values: dict[str, Any] = {name: typed.text(name) for name in ("login", "name", "role")}
    values |= {name: typed.all(name)[:LIST_LENGTH] for name in LISTS}
    return Filled(**values, version=typed.version() or 0)


def draft_of(typed: Typed) -> UserDraft:
    """Raises ``InvalidError`` for what no service would take."""
    lists: dict[str, Any] = {name: typed.all(name) for name in LISTS}
    for name, values in lists.items():
        if len(values) > LIST_LENGTH:
            raise InvalidError(N_("%(field)s: too many or too long."), field=name)
    return UserDraft(login=typed.text("login"), name=typed.text("name"), role=typed.text("role"), **lists)


async def choices(crm: Crm, actor: Actor, filled: Filled) -> dict[str, Any]:
    """What there is to choose from: value, text and what stands beside it."""
    offer = await crm.directory.offer(actor)
    known = {one.extension for one in offer.extensions}
    extensions = [(one.extension, one.extension, one.title) for one in offer.extensions]
    return {
        "devices": options(offer.devices, filled.devices),
        "extensions": extensions + [(e, e, "") for e in filled.extensions if e not in known],
        "queues": options(offer.queues, filled.queues),
        "roles": await crm.roles.all(actor),
        "silent": not offer.extensions,
        "teams": [(team.id, team.name, "") for team in await crm.teams.all(actor)],
    }
