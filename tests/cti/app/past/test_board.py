"""What the board of the past adds to the live one: since when, from agents' own events; and patches that add up. That
it equals the live board is shown in ``test_worker``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ami_listener.playback import Playback
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Place
from cti.app.past.board import PastBoard
from cti.control.phones import PhoneAt
from cti.live.agents import Kept, Noted, Pause
from cti.live.events import QueueChanged, QueueMember
from screenpop.playbacks import merge
from web.format import phone

AT = 1_795_305_600.0
PEOPLE = PeopleAtPhones(
    {"201": "Maryam", "202": "Reza"},
    (Place("u1", "Maryam", ("201",), (PhoneAt("main", "PJSIP/201", "201", None),)), Place("u2", "Reza", ("202",))),
)


def board() -> PastBoard:
    made = PastBoard(lambda number, raw: phone(number, raw, "IR"), lambda at: str(at // 86_400), masked=False)
    made.begin(PEOPLE)
    return made


def members(*paused: bool) -> QueueChanged:
    found = tuple(
        QueueMember(f"PJSIP/{201 + n}", f"PJSIP/{201 + n}", 1, one, "Lunch" if one else None, False, True)
        for n, one in enumerate(paused)
    )
    return QueueChanged("main", AT, "sales", 0, found)


def test_since_when_is_taken_from_his_own_events_where_the_journal_does_not_say() -> None:
    made = board()
    made.queues([members(True, False)])
    paused = Kept(on=True, since=AT - 3600, pauses=(Pause("lunch", "Lunch", AT - 3600),))
    made.load(Playback((), AT), {"u1": paused, "u2": paused}, {})
    agents = made.patch()["agents"]
    assert agents["main/201"]["since"] == "2026-11-21T23:00:00.000Z" and agents["main/201"]["mark"] == "pause"
    assert "since" not in agents["main/202"], "the PBX says that he is ready, whatever we believe"


def test_what_happens_to_agents_goes_on_up_to_the_moment() -> None:
    made = board()
    made.queues([members(False, False)])
    made.load(Playback((), AT), {}, {})
    assert "since" not in made.patch()["agents"]["main/202"]
    noted = [Noted("u2", AT + 5, "sign_in"), Noted("u2", AT + 50, "pause", "lunch")]
    made.take([], noted, AT + 10)
    assert made.patch()["agents"] == {"main/202": {"since": "2026-11-22T00:00:05.000Z"}}


def test_patches_add_up_over_jumps(tmp_path: Path) -> None:
    made, told = board(), dict[str, Any]()
    for some in (members(True, False), members(False), members(False, True)):
        made.begin(PEOPLE)
        made.queues([some])
        made.load(Playback((), AT), {}, {})
        merge(told, made.patch())
        assert len(told["agents"]) == len(some.members)
        assert told["agents"]["main/201"].get("reason") == some.members[0].paused_reason
    assert made.patch() == {}


def test_a_new_day_begins_at_zero() -> None:
    made = board()
    made.load(Playback((), AT), {}, {"calls": 7.0})
    assert made.patch()["today"]["calls"] == 7
    made.take([], [], AT + 86_400)
    assert made.patch()["today"]["calls"] == 0
