"""What the PBXs have: kept, offered, known again after a start, and shown only to who may see it."""

from __future__ import annotations

import pytest

from crm_core.users.directory import Directory, Messages, PbxExtension, PbxMember
from cti.kernel.actor import NOBODY, Actor
from cti.kernel.errors import ForbiddenError, UnauthenticatedError
from cti.live.events import Endpoint, EndpointChanged, MailboxChanged
from cti.live.inventory import Mailbox
from tests.crm_core.users import pbxs, people
from tests.crm_core.users.people import SYSTEM
from web.services import Crm


async def test_extensions_are_offered_in_order_with_their_names(crm: Crm) -> None:
    await pbxs.tell(crm.directory)
    offer = await crm.directory.offer(SYSTEM)
    assert offer.extensions == (
        PbxExtension("201", "Sara", True, ("PJSIP/201", "PJSIP/99201")),
        PbxExtension("202", "Reza", False, ("PJSIP/202",)),
        PbxExtension("203", "Ali", None, ("PJSIP/203",)),
        PbxExtension("1001", "", None, ("PJSIP/1001",)),
    )
    assert "PJSIP/trunk" not in offer.devices and "PJSIP/99201" in offer.devices
    assert offer.queues == ("sales", "support")


async def test_members_of_queues_with_their_extension(crm: Crm) -> None:
    await pbxs.tell(crm.directory)
    (seen,) = await crm.directory.seen(SYSTEM)
    sales, support = seen.queues
    assert sales.members == (
        PbxMember("PJSIP/201", "Sara", "201", False),
        PbxMember("Local/203@from-queue/n", "Ali", "203", False),
    )
    assert [m.extension for m in support.members] == ["202", None]


async def test_a_start_knows_what_was_last_told(crm: Crm) -> None:
    await pbxs.tell(crm.directory)
    await crm.directory.take(pbxs.read())  # with its queues this time
    again = Directory(crm.database)
    (seen,) = await again.seen(SYSTEM)
    assert seen.endpoints == pbxs.ENDPOINTS
    assert [queue.name for queue in seen.queues] == ["sales", "support"]
    assert seen.mailboxes[0].title == "Reza"


async def test_registration_is_kept_in_step(crm: Crm) -> None:
    await pbxs.tell(crm.directory)
    lost = Endpoint("PJSIP/201", "phone", "201", "Sara", "", False, 6000.0)
    before = crm.directory.version
    for pbx in ("main", "main", "another"):
        await crm.directory.take(EndpointChanged(pbx, 6000.0, lost))
    assert crm.directory.version == before + 1  # who works there is told anew
    (seen,) = await crm.directory.seen(SYSTEM)
    assert seen.endpoints[0] == lost
    assert (await crm.directory.offer(SYSTEM)).extensions[0].reachable is False


async def test_messages_that_wait_are_counted_as_they_come(crm: Crm) -> None:
    reza = Actor("u2", "Reza", permissions=frozenset({"desk.use"}), extensions=frozenset({"202"}))
    await pbxs.tell(crm.directory)
    assert await crm.directory.messages(reza) is None  # nobody told how many
    await crm.directory.take(MailboxChanged("main", 6000.0, Mailbox("202", "default", "Reza", 2, 5)))
    assert await crm.directory.messages(reza) == Messages(2, 5, 6000.0)
    await crm.directory.take(MailboxChanged("main", 6001.0, Mailbox("202", "default", "Reza", 1, 6)))
    await crm.directory.take(MailboxChanged("main", 6002.0, Mailbox("202", "sales", "", 4, 0)))
    await crm.directory.take(MailboxChanged("another", 6003.0, Mailbox("202", "default", "", 9, 9)))
    assert await crm.directory.messages(reza) == Messages(5, 6, 6002.0)


async def test_what_is_gone_from_the_pbx_is_gone_here(crm: Crm) -> None:
    await pbxs.tell(crm.directory)
    await crm.directory.take(pbxs.read(pbxs.ENDPOINTS[0]))
    (seen,) = await crm.directory.seen(SYSTEM)
    assert len(seen.endpoints) == 1


async def test_only_who_administers_sees_it(crm: Crm) -> None:
    agent = await people.actor(crm, "agent")
    for ask in (crm.directory.seen, crm.directory.offer, crm.directory.differences):
        with pytest.raises(ForbiddenError):
            await ask(agent)
        with pytest.raises(UnauthenticatedError):
            await ask(NOBODY)
