"""Hold, parking, conference, menu, voicemail, listening in, and a command that hangs up."""

from tests.pbx.flows.people import INBOUND, INTERNAL, TALKS_TO_201, calls, picks_up
from tests.pbx.moves import Call, Expected, Flow, Wait, act, until
from tests.pbx.scenario import bye, dial, hold, keys, refer, talk

FEATURES: tuple[Flow, ...] = (
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
