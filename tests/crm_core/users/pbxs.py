"""A PBX as its events tell of it, for tests of what users work with."""

from __future__ import annotations

from crm_core.users.directory import Directory
from cti.live.events import DirectoryRead, Endpoint, QueueChanged, QueueMember
from cti.live.inventory import Mailbox

ENDPOINTS = (
    Endpoint("PJSIP/201", "phone", "201", "Sara", "192.0.2.7:5060", True),
    Endpoint("PJSIP/99201", "phone", "201", "", "", False),
    Endpoint("PJSIP/202", "phone", "202", "", "", False, 1000.0),
    Endpoint("PJSIP/203", "phone", "203", "Ali", "", None),
    Endpoint("PJSIP/1001", "phone", "1001"),
    Endpoint("PJSIP/trunk", "trunk", None, "", "", True),
)


def member(interface: str, name: str = "") -> QueueMember:
    return QueueMember(interface, name or interface, 1, False, None, False, False)


def queue(name: str, *members: QueueMember, pbx: str = "main") -> QueueChanged:
    return QueueChanged(pbx, 1.0, name, 0, members)


SALES = queue("sales", member("PJSIP/201", "Sara"), member("Local/203@from-queue/n", "Ali"))
SUPPORT = queue("support", member("PJSIP/202"), member("SIP/elsewhere", "Somebody"))


def read(*endpoints: Endpoint, pbx: str = "main", at: float = 5000.0) -> DirectoryRead:
    return DirectoryRead(pbx, at, endpoints or ENDPOINTS, (Mailbox("202", "default", "Reza"),), ("sales", "support"))


async def tell(directory: Directory) -> None:
    """A PBX with five phones, a trunk and two queues."""
    for event in (read(), SALES, SUPPORT):
        await directory.take(event)
