"""The flows of the plain dialplan: twenty-odd that every PBX sees daily, and the rarer ones that break call logs."""

from tests.pbx.moves import Call, Expected, Flow, Refer, Wait, act, until
from tests.pbx.scenario import Step, answer, bye, dial, forward, hold, keys, refer, reject, ring, talk

MOBILE = "09121000101"
OTHER_MOBILE = "09121000102"
FAR = "09121112233"
FORWARDED = "09123334455"


def picks_up(after: float = 0.7, *then: Step) -> tuple[Step, ...]:
    """A phone that answers after a while, then does what is told, else stays until the other hangs up."""
    return (ring(after), answer(), *(then or (talk(),)))


def calls(number: str, *then: Step, who: str = MOBILE, name: str = "") -> Call:
    """Someone calls, and once answered does what is told, else talks for 3 s and hangs up."""
    return Call(who, number, (dial(), *(then or (talk(3), bye()))), name)


ORIGINATE = {
    "Context": "internal",
    "Priority": "1",
    "Timeout": "15000",
    "Async": "true",
    "CallerID": '"Agent 201" <201>',
}
CLICK = act("Originate", Channel="PJSIP/201", Exten=FAR, Variable="CTI_CLICK=c0ffee-1", **ORIGINATE)
TALKS_TO_201 = until("BridgeEnter", Channel="PJSIP/201-*")
INBOUND = "inbound"
OUTBOUND = "outbound"
INTERNAL = "internal"

QUEUES = (
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

DIRECT = (
    Flow(
        "did_answered",
        "a direct number rings 201, which answers; the caller hangs up",
        {"201": picks_up()},
        (calls("5001"),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}),),
    ),
    Flow(
        "did_noanswer",
        "a direct number rings 209 for 3 s; nobody answers",
        {},
        (calls("5003"),),
        (Expected(INBOUND, "noanswer", (), {"209": "noanswer"}, hung_up_by="system"),),
    ),
    Flow(
        "did_busy",
        "a direct number's phone answers 486 Busy Here",
        {"201": (reject(486),)},
        (calls("5001"),),
        (Expected(INBOUND, "busy", (), {"201": "busy"}, hung_up_by="system"),),
    ),
    Flow(
        "did_declined",
        "a direct number's phone rings and then answers 603 Decline",
        {"201": (ring(1), reject(603))},
        (calls("5001"),),
        (Expected(INBOUND, "noanswer", (), {"201": "declined"}, hung_up_by="system"),),
    ),
    Flow(
        "did_second_phone",
        "201 rings for 3 s in vain, then the dialplan rings 202, which answers",
        {"202": picks_up()},
        (calls("5022", talk(2), bye()),),
        (Expected(INBOUND, "answered", ("202",), {"201": "noanswer", "202": "answered"}),),
    ),
    Flow(
        "ring_group",
        "three phones ring at once; 202 answers, the other two are cancelled; the agent hangs up",
        {"202": picks_up(0.7, talk(2), bye())},
        (calls("5006", talk()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("202",),
                {"201": "cancelled", "202": "answered", "203": "cancelled"},
                hung_up_by="agent",
            ),
        ),
    ),
    Flow(
        "caller_cancels",
        "the caller hangs up (CANCEL) while 201 rings",
        {},
        (Call(MOBILE, "5001", (dial(1.5),)),),
        (Expected(INBOUND, "abandoned", (), {"201": "cancelled"}),),
    ),
    Flow(
        "persian_name",
        "the caller's display name is Persian",
        {"201": picks_up()},
        (calls("5001", name="علی رضایی‌نژاد"),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}),),
    ),
    Flow(
        "hostile_name",
        "the caller's display name holds quotes, HTML, an AMI header and a template",
        {"201": picks_up()},
        (calls("5001", name="""x"; Event: Hangup <script>alert('1')</script> {{7*7}} %0d%0aAction: Logoff"""),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}),),
    ),
    Flow(
        "anonymous",
        "the caller withholds the number",
        {"201": picks_up()},
        (Call("anonymous", "5001", (dial(), talk(3), bye()), "Anonymous", ("Privacy: id",)),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}),),
    ),
    Flow(
        "internal",
        "201 dials 202, which answers; 202 hangs up",
        {"202": picks_up(0.7, talk(3), bye())},
        (Call("201", "202", (dial(), talk())),),
        (Expected(INTERNAL, "answered", ("202", "201"), {"202": "answered"}, hung_up_by="callee"),),
    ),
    Flow(
        "two_calls_at_once",
        "the same number calls twice at the same moment; 201 answers both",
        {"201": picks_up()},
        (calls("5001"), calls("5022", talk(6), bye())),
        (
            Expected(INBOUND, "answered", ("201",), {"201": "answered"}),
            Expected(INBOUND, "answered", ("201",), {"201": "answered"}),
        ),
    ),
    Flow(
        "desk_and_mobile",
        "a desk phone and a mobile ring together; the mobile answers",
        {"trunk": picks_up()},
        (calls("5024"),),
        (Expected(INBOUND, "answered", ("trunk",), {"201": "cancelled", "trunk": "answered"}),),
    ),
    Flow(
        "behind_lasting_local",
        "202 is reached through Local/202@internal/n, which stays in the call",
        {"202": picks_up()},
        (calls("5025"),),
        (Expected(INBOUND, "answered", ("202",), {"202": "answered"}),),
    ),
)

OUTWARD = (
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

TRANSFERS = (
    Flow(
        "blind_transfer",
        "201 answers; AMI BlindTransfer sends the caller to 202, which answers",
        {"201": picks_up(), "202": picks_up()},
        (
            calls("5001", talk(6), bye()),
            TALKS_TO_201,
            Wait(1),
            act("BlindTransfer", Channel="{PJSIP/201}", Context="internal", Exten="202"),
        ),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("blind",)),),
    ),
    Flow(
        "blind_transfer_by_phone",
        "201 answers and sends the caller to 202 by REFER",
        {"201": picks_up(0.7, talk(1.5), refer("sip:202@{sip}")), "202": picks_up()},
        (calls("5001", talk(6), bye()),),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("blind",)),),
    ),
    Flow(
        "blind_transfer_by_keys",
        "201 answers and sends the caller to 202 with #1",
        {"201": picks_up(0.7, talk(1.5), keys("#1202"), talk()), "202": picks_up()},
        (calls("5011", talk(9), bye()),),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("blind",)),),
    ),
    Flow(
        "blind_transfer_to_busy",
        "201 sends the caller by REFER to 202, which answers 486: the call ends",
        {"201": picks_up(0.7, talk(1.5), refer("sip:202@{sip}")), "202": (reject(486),)},
        (calls("5001", talk()),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered", "202": "busy"}, ("blind",), hung_up_by="system"),),
    ),
    Flow(
        "blind_transfer_outside",
        "201 sends the caller by REFER to a mobile over the trunk",
        {"201": picks_up(0.7, talk(1.5), refer(f"sip:{FORWARDED}@{{sip}}")), "trunk": picks_up()},
        (calls("5001", talk(6), bye()),),
        (Expected(INBOUND, "answered", ("201", "trunk"), {"201": "answered", "trunk": "answered"}, ("blind",)),),
    ),
    Flow(
        "blind_transfer_into_queue",
        "201 sends the caller by REFER to queue second, where 203 answers",
        {"201": picks_up(0.7, talk(1.5), refer("sip:5013@{sip}")), "203": picks_up()},
        (calls("5001", talk(6), bye()),),
        (Expected(INBOUND, "answered", ("201", "203"), {"201": "answered", "203": "answered"}, ("blind",)),),
    ),
    Flow(
        "double_transfer",
        "201 sends the caller to 202, 202 to 203, each by REFER",
        {
            "201": picks_up(0.7, talk(1.5), refer("sip:202@{sip}")),
            "202": picks_up(0.7, talk(1.5), refer("sip:203@{sip}")),
            "203": picks_up(0.7, talk(2), bye()),
        },
        (calls("5001", talk()),),
        (
            Expected(
                INBOUND,
                "answered",
                ("201", "202", "203"),
                {"201": "answered", "202": "answered", "203": "answered"},
                ("blind", "blind"),
                "agent",
            ),
        ),
    ),
    Flow(
        "attended_transfer",
        "201 answers; AMI Atxfer calls 202, they talk, 201 hangs up and the caller is with 202",
        {"201": picks_up(0.7, talk(5), bye()), "202": picks_up()},
        (
            calls("5011", talk(9), bye()),
            TALKS_TO_201,
            Wait(1),
            act("Atxfer", Channel="{PJSIP/201}", Context="internal", Exten="202"),
        ),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("attended",)),),
    ),
    Flow(
        "attended_transfer_by_keys",
        "201 answers, calls 202 with *2, they talk, 201 hangs up and the caller is with 202",
        {"201": picks_up(0.7, talk(1.5), keys("*2202"), talk(4), bye()), "202": picks_up()},
        (calls("5011", talk(11), bye()),),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("attended",)),),
    ),
    Flow(
        "attended_transfer_cancelled",
        "201 starts an attended transfer to 202 and takes the caller back with *1",
        {"201": picks_up(0.7, talk(5), keys("*1"), talk()), "202": picks_up()},
        (
            calls("5011", talk(10), bye()),
            TALKS_TO_201,
            Wait(1),
            act("Atxfer", Channel="{PJSIP/201}", Context="internal", Exten="202"),
        ),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered", "202": "answered"}),),
    ),
    Flow(
        "attended_transfer_before_answer",
        "201 starts an attended transfer and hangs up while 202 rings; 202 then answers the caller",
        {"201": picks_up(0.7, talk(2.5), bye()), "202": picks_up(3)},
        (
            calls("5011", talk(9), bye()),
            TALKS_TO_201,
            Wait(1),
            act("Atxfer", Channel="{PJSIP/201}", Context="internal", Exten="202"),
        ),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("attended",)),),
    ),
    Flow(
        "attended_transfer_by_phone",
        "201 talks to a caller, dials 202 on its second line, then joins the two by REFER with Replaces",
        {"201": picks_up(0.7, talk(1.5), hold(8), talk()), "202": picks_up()},
        (
            calls("5001", talk(8), bye()),
            TALKS_TO_201,
            Wait(2),
            Call("201", "202", (dial(), talk())),
            until("BridgeEnter", Channel="PJSIP/202-*"),
            Wait(1.5),
            Refer("PJSIP/201", "202"),
        ),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("attended",)),),
    ),
    Flow(
        "attended_transfer_by_phone_ringing",
        "201 dials 202 on its second line and joins the two by REFER with Replaces while 202 still rings",
        {"201": picks_up(0.7, talk(1.5), hold(8), talk()), "202": picks_up(3)},
        (
            calls("5001", talk(9), bye()),
            TALKS_TO_201,
            Wait(2),
            Call("201", "202", (dial(), talk())),
            until("DialState", DestChannel="PJSIP/202-*"),
            Wait(1),
            Refer("PJSIP/201", "202"),
        ),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}, ("attended",)),),
    ),
    Flow(
        "two_calls_of_one_phone_bridged",
        "201 talks to a caller, dials 202 by hand on its second line; AMI Bridge joins the caller and 202",
        {"201": picks_up(0.7), "202": picks_up()},
        (
            calls("5001", talk(8), bye()),
            TALKS_TO_201,
            Wait(1),
            Call("201", "202", (dial(), talk())),
            until("BridgeEnter", Channel="PJSIP/202-*"),
            Wait(1.5),
            act("Bridge", Channel1="{PJSIP/trunk}", Channel2="{PJSIP/202}", Tone="no"),
        ),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}),),
    ),
    Flow(
        "two_callers_bridged",
        "two outside callers talk to 201 and 202; AMI Bridge joins the two callers",
        {"201": picks_up(), "202": picks_up()},
        (
            calls("5001", talk(8), bye()),
            TALKS_TO_201,
            calls("5025", talk(), who=OTHER_MOBILE),
            until("BridgeEnter", Channel="PJSIP/202-*"),
            Wait(1),
            act("Bridge", Channel1="{first PJSIP/trunk}", Channel2="{PJSIP/trunk}", Tone="no"),
        ),
        (Expected(INBOUND, "answered", ("201", "202"), {"201": "answered", "202": "answered"}),),
    ),
    Flow(
        "attended_then_blind",
        "201 hands the caller to 202 attended (Atxfer), 202 sends them on to 203 blind (AMI)",
        {"201": picks_up(0.7, talk(4), bye()), "202": picks_up(), "203": picks_up()},
        (
            calls("5011", talk(12), bye()),
            TALKS_TO_201,
            Wait(1),
            act("Atxfer", Channel="{PJSIP/201}", Context="internal", Exten="202"),
            until("AttendedTransfer"),
            Wait(2),
            act("BlindTransfer", Channel="{PJSIP/202}", Context="internal", Exten="203"),
        ),
        (
            Expected(
                INBOUND,
                "answered",
                ("201", "202", "203"),
                {"201": "answered", "202": "answered", "203": "answered"},
                ("attended", "blind"),
            ),
        ),
    ),
    Flow(
        "attended_into_queue",
        "201 consults queue second by Atxfer, 203 answers, 201 hangs up and the caller is with 203",
        {"201": picks_up(0.7, talk(6), bye()), "203": picks_up()},
        (
            calls("5011", talk(10), bye()),
            TALKS_TO_201,
            Wait(1),
            act("Atxfer", Channel="{PJSIP/201}", Context="internal", Exten="5013"),
        ),
        (Expected(INBOUND, "answered", ("201", "203"), {"201": "answered", "203": "answered"}, ("attended",)),),
    ),
    Flow(
        "redirect_to_queue",
        "201 answers; AMI Redirect puts the caller into queue second, where 203 answers",
        {"201": picks_up(), "203": picks_up()},
        (
            calls("5001", talk(7), bye()),
            TALKS_TO_201,
            Wait(1),
            act("Redirect", Channel="{PJSIP/trunk}", Context="from-pstn", Exten="5013", Priority="1"),
        ),
        (Expected(INBOUND, "answered", ("201", "203"), {"201": "answered", "203": "answered"}, ("redirect",)),),
    ),
    Flow(
        "redirect_both_to_conference",
        "201 answers; AMI Redirect with ExtraChannel puts both into conference room1; 202 dials in",
        {"201": picks_up()},
        (
            calls("5001", talk(8), bye()),
            TALKS_TO_201,
            Wait(1),
            act(
                "Redirect",
                Channel="{PJSIP/trunk}",
                ExtraChannel="{PJSIP/201}",
                Context="internal",
                Exten="6001",
                Priority="1",
                ExtraContext="internal",
                ExtraExten="6001",
                ExtraPriority="1",
            ),
            until("ConfbridgeJoin"),
            Wait(0.5),
            Call("202", "6001", (dial(), talk(2), bye())),
            Wait(4),
            act("Hangup", Channel="{PJSIP/201}", Cause="16"),
        ),
        (
            Expected(INBOUND, "answered", ("201",), {"201": "answered"}, ("redirect",)),
            Expected(INTERNAL, "answered", ("202",), {}),
        ),
    ),
)

PICKUP = (
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

FEATURES = (
    Flow(
        "hold",
        "201 answers, holds the caller for 2 s (re-INVITE), takes them back, hangs up",
        {"201": picks_up(0.7, talk(1), hold(2), talk(1), bye())},
        (calls("5001", talk()),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}, hung_up_by="agent"),),
    ),
    Flow(
        "hold_to_the_end",
        "201 holds the caller, who hangs up while on hold",
        {"201": picks_up(0.7, talk(1), hold(30))},
        (calls("5001", talk(4), bye()),),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}),),
    ),
    Flow(
        "park_and_retrieve",
        "AMI Park parks the caller at 701; 202 dials 701 and talks to the caller; 202 hangs up",
        {"201": picks_up()},
        (
            calls("5011", talk()),
            TALKS_TO_201,
            Wait(1),
            act(
                "Park",
                Channel="{PJSIP/trunk}",
                TimeoutChannel="{PJSIP/201}",
                Timeout="20000",
                Parkinglot="default",
            ),
            until("ParkedCall"),
            Wait(1.5),
            Call("202", "701", (dial(), talk(3), bye())),
        ),
        (
            Expected(
                INBOUND,
                "answered",
                ("201", "202"),
                {"201": "answered", "202": "answered"},
                ("park",),
                hung_up_by="agent",
            ),
        ),
    ),
    Flow(
        "park_timeout",
        "AMI Park parks the caller; nobody fetches them, so 201 is rung again and answers",
        {"201": picks_up()},
        (
            calls("5011", talk(11), bye()),
            TALKS_TO_201,
            Wait(1),
            act(
                "Park",
                Channel="{PJSIP/trunk}",
                TimeoutChannel="{PJSIP/201}",
                Timeout="4000",
                Parkinglot="default",
            ),
        ),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}, ("park",)),),
    ),
    Flow(
        "park_by_phone",
        "201 parks the caller by REFER to 700; 202 fetches them at 701",
        {"201": picks_up(0.7, talk(1.5), refer("sip:700@{sip}"))},
        (
            calls("5011", talk()),
            until("ParkedCall", seconds=10),
            Wait(1.5),
            Call("202", "701", (dial(), talk(2), bye())),
        ),
        (
            Expected(
                INBOUND,
                "answered",
                ("201", "202"),
                {"201": "answered", "202": "answered"},
                ("park",),
                hung_up_by="agent",
            ),
        ),
    ),
    Flow(
        "conference",
        "an outside caller and phones 201 and 202 meet in conference room1",
        {},
        (
            calls("5005", talk(6), bye()),
            Wait(0.8),
            Call("201", "6001", (dial(), talk(3), bye())),
            Wait(0.8),
            Call("202", "6001", (dial(), talk(3), bye())),
        ),
        (
            Expected(INBOUND, "answered", ()),
            Expected(INTERNAL, "answered", ("201",)),
            Expected(INTERNAL, "answered", ("202",)),
        ),
    ),
    Flow(
        "ivr_digit",
        "a menu reads one digit (SIP INFO), then queue support answers",
        {"201": picks_up(), "202": picks_up(), "203": picks_up()},
        (calls("5004", talk(1), keys("1"), talk(5), bye()),),
        (Expected(INBOUND, "answered", ("*",), {"*": "answered"}),),
    ),
    Flow(
        "voicemail",
        "201 does not answer within 3 s; the caller leaves a message and hangs up",
        {},
        (calls("5010", talk(7), bye()),),
        (Expected(INBOUND, "voicemail", (), {"201": "noanswer"}),),
    ),
    Flow(
        "chanspy_whisper",
        "201 talks to an outside caller; AMI Originate lets 203 listen and whisper",
        {"201": picks_up(), "203": picks_up(0.5, talk(3), bye())},
        (
            calls("5011", talk(7), bye()),
            TALKS_TO_201,
            Wait(0.5),
            act(
                "Originate",
                Channel="PJSIP/203",
                Application="ChanSpy",
                Data="{PJSIP/201},qwE",
                Timeout="10000",
                Async="true",
                CallerID='"Supervisor" <203>',
            ),
        ),
        (
            Expected(INBOUND, "answered", ("201",), {"201": "answered"}),
            Expected(INTERNAL, "answered", (), {"203": "answered"}, kind="monitoring"),
        ),
    ),
    Flow(
        "hung_up_by_command",
        "201 talks to an outside caller; AMI Hangup ends it",
        {"201": picks_up()},
        (calls("5001", talk()), TALKS_TO_201, Wait(1), act("Hangup", Channel="{PJSIP/trunk}", Cause="16")),
        (Expected(INBOUND, "answered", ("201",), {"201": "answered"}, hung_up_by="system"),),
    ),
)

FLOWS: tuple[Flow, ...] = (*QUEUES, *DIRECT, *OUTWARD, *TRANSFERS, *PICKUP, *FEATURES)
