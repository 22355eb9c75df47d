"""The bar's figures: of all calls or of some teams, told when they changed."""

from __future__ import annotations

from typing import Any

from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.control.phones import PhoneAt
from screenpop.board import Board
from screenpop.hub import Hub
from screenpop.pulse import Pulses
from tests.web import sample
from tests.web.stage import local_day


class Bar:
    def __init__(self) -> None:
        self.board = Board(lambda number, raw: raw or "", local_day)
        self.board.load(sample.live_calls(), sample.queues(), sample.links())
        places = tuple(Place(ext, ext, (ext,), (PhoneAt("main", f"PJSIP/{ext}", ext, True),)) for ext in ("201", "205"))
        mates = (Mate("201", "Sara", ("t1",)), Mate("205", "Kian", ("t2",)))
        self.board.apply(PeopleAtPhones({}, places, mates, (("t1", "A"), ("t2", "B"))))
        self.pulses = Pulses(self.board)
        self.hub = Hub(self.pulses.snapshot, lambda _actor, _topic: True)

    def of(self, teams: str) -> dict[str, Any]:
        return self.pulses.snapshot(f"pulse {teams}")


def test_of_several_teams_a_call_of_both_counts_once() -> None:
    bar = Bar()
    one, two = bar.of("t1")["calls"], bar.of("t2")["calls"]
    shared = sum({"201", "205"} <= {leg.extension for leg in call.record.legs} for call in sample.live_calls())
    assert bar.of("t1,t2")["calls"] == one + two - shared
    assert bar.of("")["calls"] == len(sample.live_calls()) and bar.of("-")["calls"] == 0


def test_only_who_sees_every_call_is_told_of_the_whole_day() -> None:
    bar = Bar()
    bar.board.start_day(sample.NOW, {"calls": 7, "missed": 2})
    assert (bar.of("")["today_calls"], bar.of("")["today_missed"]) == (7, 2)
    assert set(bar.of("t1")) == {"calls", "waiting"}


def test_a_link_that_is_down_is_everybodys() -> None:
    bar = Bar()
    for link in sample.links(up=False):
        bar.board.apply(link)
    assert bar.of("")["down"] and bar.of("t1")["down"]


def test_what_nobody_watches_is_forgotten() -> None:
    bar = Bar()
    client = bar.hub.join(lambda: None)
    bar.hub.watch(client, ["pulse "])
    bar.of("t1")
    bar.pulses.beat(bar.hub)
    assert set(bar.pulses._told) == {"pulse "}
    assert bar.hub.published == 0, "nothing has changed"
    bar.board.load([], [], [])
    bar.pulses.beat(bar.hub)
    assert (bar.hub.published, bar.of("")["calls"]) == (1, 0)
