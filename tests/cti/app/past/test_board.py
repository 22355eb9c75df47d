"""What the board of the past is made of: agents by their own events and what phones say; patches that add up. That it
equals the live board is shown in ``test_worker``."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ami_listener.playback import Playback
from crm_core.agents.model import Rules
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.app.past.board import PastBoard
from cti.app.past.day import PastDay
from cti.app.past.frames import Seek
from cti.control.phones import PhoneAt
from cti.live.agents import Noted, NoteKind
from cti.live.events import Endpoint, EndpointChanged, QueueChanged, QueueMember
from cti.live.figures import FigureRules
from screenpop.playbacks import Sight, merge
from web.format import phone

AT = 1_795_305_600.0
EVERYTHING = Sight(False, None)
PHONE = PhoneAt("main", "PJSIP/201", "201", True)
PEOPLE = PeopleAtPhones(
    {"201": "Maryam", "202": "Reza"},
    (Place("u1", "Maryam", ("201",), (PHONE,)), Place("u2", "Reza", ("202",)), Place("gone", "Who is gone", ("203",))),
    (Mate("u1", "Maryam", ("night",)), Mate("u2", "Reza", ("day",), ("support",))),
    (("day", "Day"), ("night", "Night")),
)


def board(sight: Sight = EVERYTHING) -> PastBoard:
    day = PastDay(ZoneInfo("UTC"))
    made = PastBoard(lambda number, raw: phone(number, raw, "IR"), lambda at: str(at // 86_400), day, "en", sight)
    made.begin(PEOPLE, Rules())
    return made


def members(*paused: bool) -> QueueChanged:
    found = tuple(
        QueueMember(f"PJSIP/{201 + n}", f"PJSIP/{201 + n}", 1, one, "Lunch" if one else None, False, True)
        for n, one in enumerate(paused)
    )
    return QueueChanged("main", AT, "sales", 0, found)


def known(*noted: Noted, **totals: float) -> Seek:
    return Seek(
        number=1, at=AT, oldest={}, ahead={}, people=PEOPLE, noted=noted, rules=Rules(), figures=FigureRules(),
        totals=totals,
    )  # fmt: skip


def noted(user: str, *happened: tuple[float, NoteKind, str]) -> list[Noted]:
    return [Noted(user, AT + at, kind, reason) for at, kind, reason in happened]


def test_agents_are_what_they_said_of_themselves_at_the_moment_and_after() -> None:
    made = board()
    made.queues([members(True, False)])
    made.load(Playback((), AT), known(*noted("u1", (-3700, "sign_in", ""), (-3600, "pause", "lunch"))))
    agents = made.patch()["agents"]
    lunch = {"id": "lunch", "label": "Lunch", "fa": "ناهار", "en": "Lunch"}
    assert (agents["main/201"]["mark"], agents["main/201"]["reason"]) == ("pause", lunch)
    assert agents["main/201"]["since"] == "2026-11-21T23:00:00.000Z"
    later = noted("u1", (5, "resume", "lunch"), (5, "ready", ""), (8, "wrap", ""), (50, "wrap_over", ""))
    made.take([], later, AT + 10)
    told = made.patch()["agents"]["main/201"]
    assert (told["mark"], told["since"]) == ("wrap", "2026-11-22T00:00:08.000Z")


def test_who_signs_in_at_no_phone_that_a_pbx_tells_of_has_a_cell_of_his_own() -> None:
    made = board()
    made.load(Playback((), AT), known(*noted("u2", (-5, "sign_in", ""))))
    assert {key: cell["mark"] for key, cell in made.patch()["agents"].items()} == {"main/201": "off", "/u2": "ready"}


def test_what_he_was_told_at_the_pbx_is_the_reason_of_a_pause_there() -> None:
    made = board()
    made.queues([members(True)])
    made.load(Playback((), AT), known(*noted("u1", (-9, "sign_in", ""), (-5, "pause", "pbx"))))
    assert made.patch()["agents"]["main/201"]["reason"] == {"id": "pbx", "label": "Lunch"}


def test_a_phone_that_is_lost_is_shown_so() -> None:
    made = board()
    made.load(Playback((), AT), known(*noted("u1", (-5, "sign_in", ""))))
    assert "reachable" not in made.patch()["agents"]["main/201"], "whether it was, nobody knows"
    for at, reachable in ((1, False), (2, True)):
        made.take([EndpointChanged("main", AT + at, Endpoint("PJSIP/201", "phone", reachable=reachable))], [], AT + at)
        assert made.patch()["agents"] == {"main/201": {"reachable": None if reachable else False}}


def test_patches_add_up_over_jumps(tmp_path: Path) -> None:
    made, told = board(), dict[str, Any]()
    for some in (members(True, False), members(False), members(False, True)):
        made.begin(PEOPLE, Rules())
        made.queues([some])
        made.load(Playback((), AT), known())
        merge(told, made.patch())
        assert len(told["agents"]) == 2
        assert told["agents"]["main/201"].get("reason") == some.members[0].paused_reason
    assert made.patch() == {}


def test_who_may_not_see_everything_is_told_what_concerns_his_teams() -> None:
    def seen(*teams: str) -> dict[str, Any]:
        made = board(Sight(False, teams))
        made.queues([members(False), QueueChanged("main", AT, "support", 0, ())])
        made.load(Playback((), AT), known(*noted("u2", (-5, "sign_in", "")), calls=7.0))
        return made.patch()

    day, night = seen("day"), seen("night")
    assert (set(day["agents"]), set(day["queues"])) == ({"/u2"}, {"main/support"})
    assert (set(night["agents"]), set(night["queues"])) == ({"main/201"}, {"main/sales"})
    assert set(seen("day", "night")["queues"]) == {"main/sales", "main/support"}
    assert seen()["agents"] == seen()["queues"] == {} and "today" not in day, "nothing of the whole house"


def test_a_new_day_begins_at_zero() -> None:
    made = board()
    made.load(Playback((), AT), known(calls=7.0))
    assert made.patch()["today"]["calls"] == 7
    made.take([], [], AT + 86_400)
    assert made.patch()["today"]["calls"] == 0
