"""Who the agents are, read anew when users changed."""

from __future__ import annotations

from crm_core.agents.people import People
from crm_core.users.account import UserDraft
from tests.crm_core.users import people
from web.services import Crm


async def test_names_and_queues_follow_the_users(crm: Crm) -> None:
    sara = await people.make(crm, "sara", name="سارا", queues=("sales",), extensions=("201",))
    known = People(crm.database)
    assert await known.look()
    found = known.get(sara.id)
    assert found is not None
    assert (found.name, found.queues, found.extensions) == ("سارا", ("sales",), ("201",))
    assert not await known.look(), "nothing has changed"
    await crm.users.change(people.SYSTEM, sara.id, UserDraft(queues=("support",)))
    assert await known.look()
    assert [one.queues for one in known.all() if one.id == sara.id] == [("support",)]
