"""Roles: four to begin with, changed as the site wants, and somebody always keeps the keys."""

from __future__ import annotations

import pytest

from crm_core.users.roles import BUILT_IN, TITLES
from cti.kernel.actor import PERMISSIONS
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.users import people
from web.services import Crm


async def test_the_built_in_ones(crm: Crm) -> None:
    roles = await crm.roles.all(people.SYSTEM)
    assert tuple(role.id for role in roles) == BUILT_IN == tuple(TITLES)
    assert [role.title for role in roles] == list(TITLES.values())
    agent, supervisor, manager, administrator = (set(role.permissions) for role in roles)
    assert agent < supervisor < manager < administrator == set(PERMISSIONS)
    assert roles[-1].whole and not roles[0].whole
    assert not agent & {"users.manage", "calls.view_all", "recordings.listen", "contacts.export", "calls.export"}
    assert "recordings.listen" in supervisor and "contacts.export" not in supervisor
    assert "users.manage" not in manager


async def test_a_role_of_ones_own(crm: Crm) -> None:
    boss = await people.actor(crm)
    role = await crm.roles.create(boss, "  Auditor ", ("audit.view", "calls.view_all"))
    assert (role.title, role.permissions) == ("Auditor", ("calls.view_all", "audit.view"))
    with pytest.raises(ConflictError):
        await crm.roles.create(boss, "auditor", ())
    with pytest.raises(InvalidError):
        await crm.roles.create(boss, "x", ("fly",))
    changed = await crm.roles.change(boss, role.id, title="Revisor", permissions=(), version=1)
    assert (changed.title, changed.permissions, changed.version) == ("Revisor", (), 2)
    with pytest.raises(ConflictError):
        await crm.roles.change(boss, role.id, title="x", version=1)
    await crm.roles.delete(boss, role.id)
    with pytest.raises(NotFoundError):
        await crm.roles.get(boss, role.id)


async def test_a_role_that_somebody_has_stays(crm: Crm) -> None:
    boss = await people.actor(crm)
    await people.make(crm, "sara", "agent")
    with pytest.raises(ConflictError):
        await crm.roles.delete(boss, "agent")


async def test_nobody_locks_everybody_out(crm: Crm) -> None:
    boss = await people.actor(crm)
    with pytest.raises(ConflictError):
        await crm.roles.change(boss, "administrator", permissions=("users.manage",))
    assert "roles.manage" in (await crm.roles.get(boss, "administrator")).permissions


async def test_all_permissions_are_those_of_later_versions_too(crm: Crm) -> None:
    boss = await people.actor(crm)
    some = tuple(p for p in PERMISSIONS if p != "audit.view")
    assert not (await crm.roles.change(boss, "administrator", permissions=some)).whole
    assert (await crm.roles.change(boss, "administrator", permissions=PERMISSIONS)).whole


async def test_roles_are_not_for_who_manages_users_only(crm: Crm) -> None:
    boss = await people.actor(crm)
    role = await crm.roles.create(boss, "Personnel", ("users.manage",))
    clerk, _ = await people.sign_in(crm, await people.make(crm, "clerk", role.id))
    with pytest.raises(ForbiddenError):
        await crm.roles.change(clerk, role.id, permissions=PERMISSIONS)
