"""Flows through the plain dialplan's queues."""

from tests.pbx.flows.people import INBOUND, calls, picks_up
from tests.pbx.moves import Expected, Flow, Wait, act, until
from tests.pbx.scenario import bye, reject, talk

QUEUES: tuple[Flow, ...] = (
    Flow(
        "queue_answered",
        "a caller reaches queue support; the first phone rung answers; the caller hangs up",
        {"201": picks_up(), "202": picks_up(), "203": picks_up()},
        (calls("5000", talk(4), bye()),),
        (Expected(INBOUND, "answered", ("*",), {"*": "answered"}),),
    ),
    Flow(
        "queue_abandoned",
        "a caller gives up while a queue member's phone rings",
        {},
        (calls("5000", talk(2), bye()),),
        (Expected(INBOUND, "abandoned", (), {"*": "cancelled"}),),
    ),
    Flow(
        "queue_first_ignores",
        "queue sales rings 201 for 3 s in vain, then 202, which answers; the agent hangs up",
        {"202": picks_up(0.5, talk(2), bye())},
        (calls("5012", talk()),),
        (Expected(INBOUND, "answered", ("202",), {"201": "noanswer", "202": "answered"}, hung_up_by="agent"),),
    ),
    Flow(
        "queue_timeout",
        "queue slow gives up after 4 s; its one phone rings for 2 s at a time and never answers",
        {},
        (calls("5002", talk()),),
        (Expected(INBOUND, "noanswer", (), {"209": "noanswer"}, hung_up_by="system"),),
    ),
    Flow(
        "queue_into_queue",
        "queue sales gives up after 4 s, queue second takes the caller over, 203 answers",
        {"203": picks_up()},
        (calls("5021", talk(8), bye()),),
        (Expected(INBOUND, "answered", ("203",), {"201": "noanswer", "203": "answered"}),),
    ),
    Flow(
        "queue_member_busy_then_other",
        "queue sales: 201 answers 486, then 202 answers",
        {"201": (reject(486),), "202": picks_up()},
        (calls("5012", talk(5), bye()),),
        (Expected(INBOUND, "answered", ("202",), {"201": "busy", "202": "answered"}),),
    ),
    Flow(
        "queue_member_behind_local",
        "queue localq rings 201 through Local/201@internal, which optimises itself away after the answer",
        {"201": picks_up()},
        (calls("5023", talk(4), bye()),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}),),
    ),
    Flow(
        "queue_blind_transfer",
        "202 answers a queue call; AMI BlindTransfer sends the caller to 203, which answers",
        {"201": (reject(486),), "202": picks_up(), "203": picks_up()},
        (
            calls("5012", talk(7), bye()),
            until("BridgeEnter", Channel="PJSIP/202-*"),
            Wait(1),
            act("BlindTransfer", Channel="{PJSIP/202}", Context="internal", Exten="203"),
        ),
        (
            Expected(
                INBOUND, "answered", ("202", "203"), {"201": "busy", "202": "answered", "203": "answered"}, ("blind",)
            ),
        ),
    ),
)
