"""Calls that somebody else takes: pick-up and forwarding."""

from tests.pbx.flows.people import FORWARDED, INBOUND, calls, picks_up
from tests.pbx.moves import Call, Expected, Flow, Wait, until
from tests.pbx.scenario import bye, dial, forward, talk

PICKUP: tuple[Flow, ...] = (
    Flow(
        "pickup_group",
        "201 rings for an outside call; 202 takes it with *8",
        {},
        (
            calls("5001"),
            until("Newstate", Channel="PJSIP/201-*", ChannelState="5"),
            Wait(1),
            Call("202", "*8", (dial(), talk())),
        ),
        (Expected(INBOUND, "answered", ("202",), {"201": "cancelled", "202": "answered"}),),
    ),
    Flow(
        "pickup_directed",
        "201 rings for an outside call; 202 takes it by dialling **201",
        {},
        (
            calls("5001"),
            until("Newstate", Channel="PJSIP/201-*", ChannelState="5"),
            Wait(1),
            Call("202", "**201", (dial(), talk())),
        ),
        (Expected(INBOUND, "answered", ("202",), {"201": "cancelled", "202": "answered"}),),
    ),
    Flow(
        "pickup_from_queue",
        "201 rings for a queue call; 203 takes it by dialling **201",
        {},
        (
            calls("5012", talk(7), bye()),
            until("Newstate", Channel="PJSIP/201-*", ChannelState="5"),
            Wait(1),
            Call("203", "**201", (dial(), talk())),
        ),
        (Expected(INBOUND, "answered", ("203",), {"201": "cancelled", "203": "answered"}),),
    ),
    Flow(
        "forward_302",
        "201 answers 302 to 202, which rings and answers",
        {"201": (forward("sip:202@{sip}"),), "202": picks_up()},
        (calls("5001"),),
        (Expected(INBOUND, "answered", ("202",), {"201": "forwarded", "202": "answered"}),),
    ),
    Flow(
        "forward_302_outside",
        "201 answers 302 to a mobile over the trunk, which answers",
        {"201": (forward(f"sip:{FORWARDED}@{{sip}}"),), "trunk": picks_up()},
        (calls("5001"),),
        (Expected(INBOUND, "answered", ("trunk",), {"201": "forwarded", "trunk": "answered"}),),
    ),
    Flow(
        "forward_302_in_queue",
        "queue sales rings 201, which answers 302 to 203, which answers",
        {"201": (forward("sip:203@{sip}"),), "203": picks_up()},
        (calls("5012", talk(5), bye()),),
        (Expected(INBOUND, "answered", ("203",), {"201": "forwarded", "203": "answered"}),),
    ),
    Flow(
        "forward_by_dialplan",
        "a direct number is forwarded to a mobile over the trunk: both sides are outside",
        {"trunk": picks_up()},
        (calls("5020"),),
        (Expected(INBOUND, "answered", ("trunk",), {"trunk": "answered"}),),
    ),
)
