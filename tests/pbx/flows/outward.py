"""Calls that go out: dialled by hand, or rung up by an AMI Originate."""

from tests.pbx.flows.people import CLICK, FAR, ORIGINATE, OUTBOUND, picks_up
from tests.pbx.moves import Call, Expected, Flow, Wait, act, until
from tests.pbx.scenario import bye, dial, reject, ring, talk

OUTWARD: tuple[Flow, ...] = (
    Flow(
        "click_to_call",
        "AMI Originate rings 201, then dials out; the far end rings 1 s and answers; the agent hangs up",
        {"201": picks_up(0.5, talk(4), bye()), "trunk": picks_up(1)},
        (CLICK, until("OriginateResponse")),
        (Expected(OUTBOUND, "answered", ("201",), {"201": "answered", "trunk": "answered"}, hung_up_by="agent"),),
    ),
    Flow(
        "click_declined",
        "AMI Originate rings 201, which declines (603): the far end is never dialled",
        {"201": (ring(0.5), reject(603))},
        (CLICK, until("OriginateResponse")),
        (Expected(OUTBOUND, "failed", (), {"201": "declined"}, hung_up_by="agent"),),
    ),
    Flow(
        "click_far_busy",
        "AMI Originate rings 201, which answers; the far end answers 486",
        {"201": picks_up(0.5), "trunk": (reject(486),)},
        (CLICK, until("OriginateResponse")),
        (Expected(OUTBOUND, "busy", (), {"201": "answered", "trunk": "busy"}, hung_up_by="system"),),
    ),
    Flow(
        "click_far_noanswer",
        "AMI Originate rings 201, which answers; the far end rings for ever; the agent gives up",
        {"201": picks_up(0.5, talk(3), bye()), "trunk": (ring(),)},
        (CLICK, until("OriginateResponse")),
        (Expected(OUTBOUND, "noanswer", (), {"201": "answered", "trunk": "cancelled"}, hung_up_by="agent"),),
    ),
    Flow(
        "click_local",
        "AMI Originate of Local/201@internal: the first leg sits behind a Local channel that optimises itself away",
        {"201": picks_up(0.5, talk(4), bye()), "trunk": picks_up(1)},
        (act("Originate", Channel="Local/201@internal", Exten=FAR, **ORIGINATE), until("OriginateResponse")),
        (Expected(OUTBOUND, "answered", ("201",), {"201": "answered", "trunk": "answered"}, hung_up_by="agent"),),
    ),
    Flow(
        "click_local_lasting",
        "AMI Originate of Local/201@internal/n: the Local channel stays",
        {"201": picks_up(0.5, talk(4), bye()), "trunk": picks_up(1)},
        (act("Originate", Channel="Local/201@internal/n", Exten=FAR, **ORIGINATE), until("OriginateResponse")),
        (Expected(OUTBOUND, "answered", ("201",), {"201": "answered", "trunk": "answered"}, hung_up_by="agent"),),
    ),
    Flow(
        "direct_dial",
        "201 itself dials out; the far end answers and hangs up",
        {"trunk": picks_up(0.7, talk(3), bye())},
        (Call("201", FAR, (dial(), talk())),),
        (Expected(OUTBOUND, "answered", ("201",), {"trunk": "answered"}, hung_up_by="callee"),),
    ),
    Flow(
        "click_then_transfer",
        "a click-to-call's far end is sent to 202 by AMI BlindTransfer of 201's channel",
        {"201": picks_up(0.5), "202": picks_up(0.7, talk(2), bye()), "trunk": picks_up(0.7)},
        (
            CLICK,
            until("BridgeEnter", Channel="PJSIP/trunk-*"),
            Wait(1),
            act("BlindTransfer", Channel="{PJSIP/201}", Context="internal", Exten="202"),
        ),
        (
            Expected(
                OUTBOUND,
                "answered",
                ("201", "202"),
                {"201": "answered", "trunk": "answered", "202": "answered"},
                ("blind",),
                "agent",
            ),
        ),
    ),
)
