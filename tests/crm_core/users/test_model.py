"""Nothing that lets somebody in is kept as it is."""

from __future__ import annotations

from crm_core.users.model import metadata
from tests.crm_core.users import people
from web.services import Crm

PASSWORD = "سه-مرغ-و-یک-خروس"


async def test_a_copy_of_the_database_lets_nobody_in(crm: Crm) -> None:
    """Every column of every table is read: neither password, session nor token stands in it."""
    user = await people.make_with_password(crm, "elham", "manager", PASSWORD)
    secret = await crm.sessions.open(user.id)
    signed = await crm.access.of_session(secret)
    assert signed is not None
    token = (await crm.tokens.create(signed.actor, "test")).secret
    async with crm.database.read() as reader:
        for table in metadata.tables.values():
            for row in await reader.core(table.select()):
                text = repr(row)
                assert not any(one in text for one in (PASSWORD, secret, token)), table.name
