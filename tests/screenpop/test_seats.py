"""Whose cell is which: one for each user, at a phone of his that is in a queue, else by itself."""

from __future__ import annotations

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.control.phones import PhoneAt
from cti.live.events import QueueMember
from screenpop.seats import AgentNow, Seats

SARA = Place("u1", "Sara", ("201",), (PhoneAt("main", "PJSIP/201", "201", True),))
REZA = Place("u2", "Reza", ("202", "203"))
MATES = (Mate("u1", "Sara", ("t1",), ("sales",)), Mate("u2", "Reza", ("t2", "t1")))
PEOPLE = PeopleAtPhones({"201": "Sara"}, (SARA, REZA), MATES, (("t1", "One"), ("t2", "Two")))


def member(interface: str) -> QueueMember:
    return QueueMember(interface, "", 1, False, None, False, True)


def at(user: str, ext: str, state: str = "ready", reachable: bool | None = True) -> AgentNow:
    return AgentNow(user, "", state, 1.0, None, None, reachable, "main", f"PJSIP/{ext}", ext)  # type: ignore[arg-type]


def seats() -> Seats:
    made = Seats()
    made.take(PEOPLE)
    return made


def test_a_member_is_the_cell_of_who_works_there() -> None:
    made = seats()
    made.join("main/201", "main/sales", member("PJSIP/201"))
    made.join("main/299", "main/sales", member("PJSIP/299"))
    assert list(made.keys()) == ["main/201", "main/299"]
    assert (made.user("main/201"), made.user("main/299")) == ("u1", None)
    made.leave("main/201", "main/sales")
    assert list(made.keys()) == ["main/299"]


def test_who_takes_calls_and_is_in_no_queue_has_a_cell() -> None:
    made = seats()
    made.tell(at("u1", "201", "off", reachable=False))
    assert list(made.keys()) == []
    made.tell(at("u1", "201", "off", reachable=True))
    assert list(made.keys()) == ["main/201"]
    made.tell(AgentNow("u1", there=False))
    assert list(made.keys()) == []
    made.tell(AgentNow("u2", "Reza", "ready", 1.0))
    assert list(made.keys()) == ["/u2"]


def test_of_two_phones_in_queues_one_is_his_cell_with_the_queues_of_both() -> None:
    made = seats()
    made.join("main/203", "main/sales", member("Local/203@from-queue/n"))
    made.join("main/202", "main/support", member("Local/202@from-queue/n"))
    assert list(made.keys()) == ["main/202"]
    assert set(made.memberships("main/202")) == {"main/sales", "main/support"}
    assert made.moved >= {"main/202", "main/203"}


def test_a_phone_of_two_is_the_cell_of_who_is_signed_in() -> None:
    made = Seats()
    made.take(PeopleAtPhones({}, (Place("u1", "A", ("201",)), Place("u2", "B", ("201",)))))
    made.join("main/201", "main/sales", member("PJSIP/201"))
    assert made.user("main/201") == "u1"
    made.tell(AgentNow("u2", "B", "ready", 1.0))
    assert made.user("main/201") == "u2"
    made.tell(AgentNow("u2", "B", "off", 2.0, reachable=False))
    assert made.user("main/201") == "u1"


def test_the_teams_of_a_queue_are_those_of_who_works_with_it_or_is_in_it() -> None:
    made = seats()
    assert made.serving("sales") == ("t1",)
    assert made.serving("support") == ()
    made.join("main/202", "main/support", member("Local/202@from-queue/n"))
    assert made.served == {"support"}
    assert made.serving("support") == ("t1", "t2")
    made.leave("main/202", "main/support")
    assert made.serving("support") == ()
