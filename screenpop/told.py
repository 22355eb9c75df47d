"""What somebody who leads tells agents, on their screens at once: messages, and changes of their state; who has read.

The form of each push stands here alone. Neighbours: ``crm_core.agents`` keeps the messages, ``feed`` has the topic.
"""

from __future__ import annotations

from crm_core.agents.messages import MessageRead, MessageSent
from crm_core.agents.supervising import Supervised
from cti.live.record import rfc3339
from screenpop.feed import Feed

HEARD: tuple[type, ...] = (MessageSent, MessageRead, Supervised)
"""What ``tell`` wants to hear from the bus."""


def tell(feed: Feed, event: MessageSent | MessageRead | Supervised) -> None:
    match event:
        case MessageSent(user=user, message=one):
            feed.message(user, {"kind": "written", "id": one.id, "by": one.by, "text": one.text, "at": rfc3339(one.at)})
        case MessageRead():
            feed.message(event.author, {"kind": "read", "id": event.id, "user": event.user, "at": rfc3339(event.at)})
        case Supervised():
            told = {"kind": "supervised", "what": event.what, "by": event.by, "at": rfc3339(event.at)}
            reason = event.reason
            named = {"reason": {"id": reason.id, "fa": reason.fa, "en": reason.en}} if reason is not None else {}
            feed.message(event.user, told | named)
