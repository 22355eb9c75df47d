"""What agents are told by whoever leads them, as it goes over the wire; each hears his own."""

from __future__ import annotations

import json

from crm_core.agents.messages import Message, MessageRead, MessageSent
from crm_core.agents.model import Reason
from crm_core.agents.supervising import Supervised
from cti.kernel.actor import Actor
from screenpop.feed import MESSAGES
from screenpop.told import tell
from tests.screenpop.test_streams import made, watch

SARA = Actor("sara", "Sara", permissions=frozenset({"desk.use"}))
LEAD = Actor("lead", "Lead", permissions=frozenset({"agents.manage"}))


def test_each_hears_his_own() -> None:
    feed = made()
    sara, lead = watch(feed, MESSAGES, actor=SARA), watch(feed, MESSAGES, actor=LEAD)
    tell(feed, MessageSent("sara", Message("m", 1.0, "Lead", "Lunch")))
    tell(feed, Supervised("sara", 2.0, "pause", "Lead", Reason(id="lunch", fa="ناهار", en="Lunch")))
    tell(feed, Supervised("sara", 3.0, "ready", "Lead"))
    tell(feed, MessageRead("lead", "m", "sara", 4.0))
    heard = [[json.loads(frame)["data"] for frame in feed.hub.take(who).splitlines()] for who in (sara, lead)]
    at = "1970-01-01T00:00:0%d.000Z"
    lunch = {"id": "lunch", "fa": "ناهار", "en": "Lunch"}
    assert heard == [
        [
            {"kind": "written", "id": "m", "by": "Lead", "text": "Lunch", "at": at % 1},
            {"kind": "supervised", "what": "pause", "by": "Lead", "at": at % 2, "reason": lunch},
            {"kind": "supervised", "what": "ready", "by": "Lead", "at": at % 3},
        ],
        [{"kind": "read", "id": "m", "user": "sara", "at": at % 4}],
    ]
