"""The flows of the FreePBX-shaped dialplan: the same life, seen through Local channels, hints and Gosubs."""

from tests.pbx.flows.people import FAR, FORWARDED, INBOUND, INTERNAL, OUTBOUND, calls, picks_up
from tests.pbx.moves import Call, Expected, Flow, Wait, act, until
from tests.pbx.scenario import bye, dial, keys, refer, reject, ring, talk

DID = "02188880"

FLOWS: tuple[Flow, ...] = (
    Flow(
        "fp_queue_answered_by_second",
        "queue 400 rings 201's two devices for 3 s in vain, then 202, which answers; the agent hangs up",
        {"202": picks_up(0.7, talk(3), bye())},
        (calls(DID + "400", talk()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("202",),
                {"201": "noanswer", "99201": "noanswer", "202": "answered"},
                hung_up_by="agent",
            ),
        ),
    ),
    Flow(
        "fp_queue_ringall",
        "queue 401 rings three extensions at once, four devices; 203 answers; the caller hangs up",
        {"203": picks_up(1)},
        (calls(DID + "401", talk(5), bye()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("203",),
                {"201": "cancelled", "99201": "cancelled", "202": "cancelled", "203": "answered"},
            ),
        ),
    ),
    Flow(
        "fp_queue_abandoned",
        "a caller of queue 401 gives up while everybody rings",
        {},
        (calls(DID + "401", talk(2), bye()),),
        (
            Expected(
                INBOUND,
                "abandoned",
                (),
                {"201": "cancelled", "99201": "cancelled", "202": "cancelled", "203": "cancelled"},
            ),
        ),
    ),
    Flow(
        "fp_queue_fails_over",
        "nobody answers in queue 400 for 12 s; the caller goes on to queue 401, where 203 answers",
        {"203": picks_up(1)},
        (calls(DID + "400", talk(17), bye()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("203",),
                {"201": "cancelled", "99201": "cancelled", "202": "cancelled", "203": "answered"},
            ),
        ),
    ),
    Flow(
        "fp_queue_agent_at_home",
        "queue 403's member is an outside number: the first trunk is full, the second takes the call",
        {"trunk-a": (reject(503),), "trunk-b": picks_up(1)},
        (calls(DID + "403", talk(5), bye()),),
        (Expected(INBOUND, "answered", ("trunk-b",), {"trunk-a": "failed", "trunk-b": "answered"}),),
    ),
    Flow(
        "fp_queue_login",
        "203 logs in to queue 402 by *45402, gets a call from it, and logs out again",
        {"203": picks_up()},
        (
            Call("203", "*45402", (dial(), talk())),
            until("QueueMemberAdded"),
            until("Hangup", Channel="PJSIP/203-*"),
            calls(DID + "402", talk(4), bye()),
            until("AgentConnect"),
            until("AgentComplete"),
            Wait(1),
            Call("203", "*45402", (dial(), talk())),
            until("QueueMemberRemoved"),
        ),
        (
            Expected(INTERNAL, "failed", (), hung_up_by="system"),
            Expected(INBOUND, "answered", ("203",), {"203": "answered"}),
            Expected(INTERNAL, "failed", (), hung_up_by="system"),
        ),
    ),
    Flow(
        "fp_ring_group",
        "ring group 600 rings three extensions through Local/...@from-internal/n; 202 answers",
        {"202": picks_up(1)},
        (calls(DID + "600", talk(4), bye()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("202",),
                {"201": "cancelled", "99201": "cancelled", "202": "answered", "203": "cancelled"},
            ),
        ),
    ),
    Flow(
        "fp_two_devices",
        "extension 201's desk phone and its second device ring together; the second device answers",
        {"99201": picks_up(1)},
        (calls(DID + "201"),),
        (Expected(INBOUND, "answered", ("99201",), {"201": "cancelled", "99201": "answered"}),),
    ),
    Flow(
        "fp_device_busy_other_answers",
        "extension 201's desk phone answers 486, its second device answers the call",
        {"201": (reject(486),), "99201": picks_up(1)},
        (calls(DID + "201"),),
        (Expected(INBOUND, "answered", ("99201",), {"201": "busy", "99201": "answered"}),),
    ),
    Flow(
        "fp_voicemail",
        "nobody answers at extension 201; after 15 s the caller leaves a message",
        {},
        (calls(DID + "201", talk(7), bye()),),
        (Expected(INBOUND, "voicemail", (), {"201": "noanswer", "99201": "noanswer"}),),
    ),
    Flow(
        "fp_follow_me_mobile",
        "follow-me of 204: desk phone and, a second later, the mobile over the trunk; the mobile answers",
        {"trunk-a": picks_up(1)},
        (calls(DID + "204", talk(5), bye()),),
        (Expected(INBOUND, "answered", ("trunk-a",), {"204": "cancelled", "trunk-a": "answered"}),),
    ),
    Flow(
        "fp_follow_me_desk",
        "follow-me of 204: the desk phone answers while the mobile rings",
        {"204": picks_up(2.5), "trunk-a": (ring(),)},
        (calls(DID + "204", talk(5), bye()),),
        (Expected(INBOUND, "answered", ("204",), {"204": "answered", "trunk-a": "cancelled"}),),
    ),
    Flow(
        "fp_trunk_fails_over",
        "201 dials out: the first trunk answers 503, the second takes the call; the far end hangs up",
        {"trunk-a": (reject(503),), "trunk-b": picks_up(1, talk(3), bye())},
        (Call("201", FAR, (dial(), talk())),),
        (
            Expected(
                OUTBOUND,
                "answered",
                ("201",),
                {"trunk-a": "failed", "trunk-b": "answered"},
                hung_up_by="callee",
            ),
        ),
    ),
    Flow(
        "fp_click_to_call",
        "Originate of Local/202@from-internal/n, then out by the first trunk; the agent hangs up",
        {"202": picks_up(0.5, talk(4), bye()), "trunk-a": picks_up(1)},
        (
            act(
                "Originate",
                Channel="Local/202@from-internal/n",
                Exten=FAR,
                Context="from-internal",
                Priority="1",
                Timeout="15000",
                Async="true",
                CallerID='"Agent 202" <202>',
            ),
            until("OriginateResponse"),
        ),
        (Expected(OUTBOUND, "answered", ("202",), {"202": "answered", "trunk-a": "answered"}, hung_up_by="agent"),),
    ),
    Flow(
        "fp_internal",
        "201 dials 203, which answers; 201 hangs up",
        {"203": picks_up()},
        (Call("201", "203", (dial(), talk(3), bye())),),
        (Expected(INTERNAL, "answered", ("203", "201"), {"203": "answered"}),),
    ),
    Flow(
        "fp_pickup",
        "extension 201 rings for an outside call; 203 takes it by dialling **201",
        {},
        (
            calls(DID + "201", talk(3), bye()),
            until("Newstate", Channel="PJSIP/99201-*", ChannelState="5"),
            Wait(1),
            Call("203", "**201", (dial(), talk())),
        ),
        (Expected(INBOUND, "answered", ("203",), {"201": "cancelled", "99201": "cancelled", "203": "answered"}),),
    ),
    Flow(
        "fp_queue_pickup",
        "queue 400 rings extension 201; 203 takes the call by dialling **201",
        {},
        (
            calls(DID + "400", talk(7), bye()),
            until("Newstate", Channel="PJSIP/99201-*", ChannelState="5"),
            Wait(1),
            Call("203", "**201", (dial(), talk())),
        ),
        (Expected(INBOUND, "answered", ("203",), {"201": "cancelled", "99201": "cancelled", "203": "answered"}),),
    ),
    Flow(
        "fp_queue_blind_by_keys",
        "202 answers a call of queue 400 and sends the caller to 203 with ##",
        {
            "201": (reject(486),),
            "99201": (reject(486),),
            "202": picks_up(0.7, talk(1.5), keys("##203"), talk()),
            "203": picks_up(),
        },
        (calls(DID + "400", talk(10), bye()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("202", "203"),
                {"201": "busy", "99201": "busy", "202": "answered", "203": "answered"},
                ("blind",),
            ),
        ),
    ),
    Flow(
        "fp_queue_attended_by_keys",
        "202 answers a call of queue 400, calls 203 with *2, they talk, 202 hangs up and the caller is with 203",
        {
            "201": (reject(486),),
            "99201": (reject(486),),
            "202": picks_up(0.7, talk(1.5), keys("*2203"), talk(4), bye()),
            "203": picks_up(),
        },
        (calls(DID + "400", talk(12), bye()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("202", "203"),
                {"201": "busy", "99201": "busy", "202": "answered", "203": "answered"},
                ("attended",),
            ),
        ),
    ),
    Flow(
        "fp_blind_by_phone_outside",
        "202 answers and sends the caller by REFER to a mobile over the trunk",
        {"202": picks_up(0.7, talk(1.5), refer(f"sip:{FORWARDED}@{{sip}}")), "trunk-a": picks_up()},
        (calls(DID + "202", talk(6), bye()),),
        (Expected(INBOUND, "answered", ("202", "trunk-a"), {"202": "answered", "trunk-a": "answered"}, ("blind",)),),
    ),
    Flow(
        "fp_park",
        "202 answers and parks the caller by REFER to 70; 203 fetches them at 71",
        {"202": picks_up(0.7, talk(1.5), refer("sip:70@{sip}"))},
        (
            calls(DID + "202", talk()),
            until("ParkedCall", seconds=10),
            Wait(1.5),
            Call("203", "71", (dial(), talk(2), bye())),
        ),
        (
            Expected(
                INBOUND,
                "answered",
                ("202", "203"),
                {"202": "answered", "203": "answered"},
                ("park",),
                hung_up_by="agent",
            ),
        ),
    ),
    Flow(
        "fp_menu_to_ring_group",
        "the menu reads 2 and leads to ring group 600, where 203 answers",
        {"203": picks_up(1)},
        (calls(DID + "700", talk(1), keys("2"), talk(5), bye()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("203",),
                {"201": "cancelled", "99201": "cancelled", "202": "cancelled", "203": "answered"},
            ),
        ),
    ),
)
