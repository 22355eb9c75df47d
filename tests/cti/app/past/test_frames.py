"""What is said between the product and the player's process arrives as it was."""

from __future__ import annotations

from call_log.facts import Ended
from crm_core.agents.model import Rules
from crm_core.contacts.callers import KnownCaller
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.app.past.frames import LENGTH, Answer, Begin, Logged, PbxPast, Seek, Step, decode_answer, decode_order, framed
from cti.control.phones import PhoneAt
from cti.live.agents import Noted
from cti.live.figures import FigureRules
from cti.live.profile import ProfileSettings, TrunkRule
from screenpop.playbacks import Sight

PEOPLE = PeopleAtPhones(
    {"201": "مریم"}, (Place("u", "مریم", ("201",), (PhoneAt("main", "PJSIP/201", "201", True),)),), (Mate("u", "مریم"),)
)
SETTINGS = ProfileSettings(extensions=r"^\d+$", trunk_rules=(TrunkRule("trunk", "^0"),))


def test_orders_and_answers_arrive_as_they_were() -> None:
    pbx = PbxPast("main", "/journal/main", SETTINGS, {"PJSIP/201": ("phone", "201"), "PJSIP/t": ("trunk", None)})
    note = Noted("u", 5.0, "pause", "lunch", by="ناظر")
    for order in (
        Begin(pbxs=(pbx,), region="IR", timezone="Asia/Tehran", language="fa", sight=Sight(True, ("t1",))),
        Seek(
            number=1,
            at=5.5,
            oldest={"main": 1.0},
            ahead={},
            people=PEOPLE,
            noted=(note,),
            rules=Rules(missed_limit=3),
            figures=FigureRules(now_minutes=15),
            totals={"calls": 3.0},
        ),
        Logged(midnight=0.0, calls=[Ended(5.0, "{}", {"1.1": ("u",)})]),
        Step(number=2, until=6.0, seconds=0.1, noted=(note,), callers={"a": None}),
        Step(number=3, until=6.0, seconds=0.1, callers={"a": KnownCaller("c", "سارا", "vip", 0)}),
    ):
        frame = framed(order)
        assert int.from_bytes(frame[:LENGTH], "big") == len(frame) - LENGTH
        assert decode_order(frame[LENGTH:]) == order
    answer = Answer(1, 5.5, True, 1.0, {"calls": {"a": None}}, {"a": "key"})
    assert decode_answer(framed(answer)[LENGTH:]) == answer
