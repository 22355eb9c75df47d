"""What a cell shows: a user as he says himself and as his calls are, another phone as its queues say; and that what was
told in pieces is what is, whatever happens."""

from __future__ import annotations

import copy
from typing import Any

import msgspec
import pytest

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from cti.live.events import CallEnded, CallStarted, LiveCall, QueueMember
from cti.live.record import Number
from screenpop.board import Board
from screenpop.playbacks import merge
from screenpop.seats import AgentNow
from tests.crm_core.agents.floors import T, call, leg, member, place, queue
from tests.screenpop.floor import Chaos

LUNCH = {"id": "lunch", "label": "Lunch", "fa": "ناهار", "en": "Lunch"}
PEOPLE = PeopleAtPhones(
    {"201": "Sara", "202": "Omid"},
    (place("u1"), place("u2", "202")),
    (Mate("u1", "Sara", ("t1",)), Mate("u2", "Omid", ("t2",))),
    (("t1", "One"), ("t2", "Two")),
)


def board(*members: QueueMember) -> Board:
    made = Board(lambda number, raw: raw or number or "", lambda _at: "today")
    made.apply(PEOPLE)
    made.apply(queue("sales", *(members or (member(),))))
    made.whole()
    return made


def now(user: str, state: str, since: float = T, **more: Any) -> AgentNow:
    phone = {"u1": "201", "u2": "202"}[user]
    known = {"pbx": "main", "endpoint": f"PJSIP/{phone}", "ext": phone, "reachable": True}
    return AgentNow(user, {"u1": "Sara", "u2": "Omid"}[user], state, since, **{**known, **more})  # type: ignore[arg-type]


def cell(made: Board, key: str) -> dict[str, Any]:
    made.patch()
    found: dict[str, Any] = made.whole()["agents"][key]
    return found


def ringing(*legs: Any, **more: Any) -> LiveCall:
    return call(*(legs or (leg("ringing"),)), **more)


def test_a_user_in_a_queue_is_one_cell_with_what_he_says_himself() -> None:
    made = board()
    made.apply(now("u1", "pause", reason=LUNCH))
    assert cell(made, "main/201") == {
        "name": "Sara", "ext": "201", "mark": "pause", "since": "2026-11-18T11:06:40.000Z", "reason": LUNCH,
        "user": "u1", "teams": ["t1"], "queues": ["sales"],
    }  # fmt: skip
    assert list(made.whole()["agents"]) == ["main/201"]


def test_who_is_signed_out_and_yet_in_a_queue_is_both() -> None:
    made = board()
    made.apply(now("u1", "off"))
    assert (cell(made, "main/201")["mark"], cell(made, "main/201")["away"]) == ("ready", True)
    made.apply(now("u1", "ready"))
    assert "away" not in cell(made, "main/201")


def test_a_user_in_no_queue_has_a_cell_while_he_takes_calls() -> None:
    made = board()
    made.apply(now("u2", "off"))
    assert cell(made, "main/202")["mark"] == "off"
    made.apply(now("u2", "off", reachable=False))
    assert made.patch()["agents"] == {"main/202": None}
    made.apply(now("u2", "ready", reachable=False))
    assert made.patch()["agents"]["main/202"]["reachable"] is False


def test_wrap_up_is_not_a_pause_and_says_when_it_ends() -> None:
    made = board(member(paused=True, reason="Wrap-up"))
    assert made.whole()["queues"]["main/sales"]["pause"] == 1
    made.apply(now("u1", "wrap", until=T + 30))
    change = made.patch()
    assert change["queues"]["main/sales"] == {"pause": 0, "wrap": 1}
    assert (change["agents"]["main/201"]["mark"], change["agents"]["main/201"]["until"]) == (
        "wrap",
        "2026-11-18T11:07:10.000Z",
    )
    made.apply(now("u1", "ready"))
    change = made.patch()
    assert change["queues"]["main/sales"] == {"pause": 1, "wrap": 0}
    assert change["agents"]["main/201"]["until"] is None


def test_his_phone_shows_over_what_he_says_and_both_name_the_other() -> None:
    made = board()
    made.apply(now("u1", "ready"))
    one = ringing()
    made.apply(CallStarted(T, one))
    change = made.patch()
    assert change["calls"]["main-1"]["agents"] == ["main/201"]
    assert change["calls"]["main-1"]["teams"] == ["t1"]
    mine = cell(made, "main/201")
    assert (mine["mark"], mine["call"], mine["queue"]) == ("ring", "main-1", "sales")
    made.apply(CallEnded(T, one.record))
    assert made.patch()["agents"]["main/201"] == {
        "mark": "ready", "call": None, "queue": None, "with": None
    }  # fmt: skip


def test_who_dials_within_the_house_is_in_the_call_with_whom_he_dials() -> None:
    made = board()
    for user in ("u1", "u2"):
        made.apply(now(user, "ready"))
    mine, his = leg("up", answered=True, uid="1"), leg("ringing", extension="202", uid="2")
    one = call(mine, his, queue=None, direction="internal")
    dialled = Number(None, "202")
    caller = msgspec.structs.replace(one.record.legs[0], role="caller")
    record = msgspec.structs.replace(one.record, dialled=dialled, legs=(caller, one.record.legs[1]))
    made.apply(CallStarted(T, msgspec.structs.replace(one, record=record)))
    assert (cell(made, "main/201")["mark"], cell(made, "main/202")["mark"]) == ("dial", "ring")
    assert cell(made, "main/201")["with"] == {"name": "Omid", "number": "202"}
    assert made.whole()["calls"]["main-1"]["teams"] == ["t1", "t2"]


def test_a_call_that_waits_concerns_the_teams_that_serve_its_queue() -> None:
    made = board()
    made.apply(CallStarted(T, msgspec.structs.replace(call(), state="queued", since=T + 5)))
    change, waits = made.patch(), made.live("main-1")
    assert waits is not None and made.teams_of(waits) == {"t1"}
    assert "teams" not in change["calls"]["main-1"]  # they stand in the queue's row
    assert change["queues"]["main/sales"] == {"longest_since": "2026-11-18T11:06:45.000Z"}
    assert made.whole()["queues"]["main/sales"]["teams"] == ["t1"]
    made.apply(queue("sales"))
    change = made.patch()
    assert made.teams_of(waits) == frozenset() and "calls" not in change
    assert change["queues"]["main/sales"]["teams"] is None


@pytest.mark.parametrize("seed", range(40))
def test_what_is_told_in_pieces_is_what_is(seed: int) -> None:
    chaos = Chaos(seed)
    seen = copy.deepcopy(chaos.board.whole())
    for n in range(60):
        steps = [chaos.step() for _ in range(chaos.dice.randrange(1, 4))]
        merge(seen, copy.deepcopy(chaos.board.patch()))
        if chaos.dice.random() < 0.3:
            chaos.board.turn(chaos.now + 1000 * n)  # whatever figures there are, are told now
            merge(seen, copy.deepcopy(chaos.board.patch()))
            chaos.board.forget()
            assert seen == chaos.board.whole(), steps
