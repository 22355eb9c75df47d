"""What several services need to know of users."""

from __future__ import annotations

import pytest

from crm_core.users import store
from crm_core.users.model import user_account
from cti.kernel.actor import PERMISSIONS
from cti.kernel.errors import NotFoundError
from tests.crm_core.users import people
from web.services import Crm


def test_stored_permissions() -> None:
    assert store.permissions_of("*") == set(PERMISSIONS)
    assert store.permissions_of("calls.view gone.in_this_version") == {"calls.view"}
    assert store.permissions_of("") == set()


async def test_a_user_whole(crm: Crm) -> None:
    made = await people.make(crm, "sara", extensions=("202", "201"), devices=("PJSIP/201",), queues=("sales",))
    async with crm.database.read() as reader:
        found = await store.user(reader, made.id)
        assert found == made and found.extensions == ("202", "201") and found.devices == ("PJSIP/201",)
        assert await store.users(reader, user_account.c.id == "none") == ()
        with pytest.raises(NotFoundError):
            await store.user(reader, "none")
    assert store.ref(found).extensions == ("202", "201")


async def test_keepers_are_those_who_are_active_and_may_both(crm: Crm) -> None:
    boss = await people.make(crm, "boss", "administrator")
    await people.make(crm, "manager", "manager")
    async with crm.database.read() as reader:
        assert await store.keepers(reader) == 1
    async with crm.access.changing() as tx:
        await tx.execute("UPDATE user_account SET active = ? WHERE id = ?", False, boss.id)
        assert await store.keepers(tx) == 0
