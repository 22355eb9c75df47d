"""Calls to a direct number, a ring group, another phone: the plain dialplan without queues."""

from tests.pbx.flows.people import INBOUND, INTERNAL, MOBILE, calls, picks_up
from tests.pbx.moves import Call, Expected, Flow
from tests.pbx.scenario import bye, dial, reject, ring, talk

DIRECT: tuple[Flow, ...] = (
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
