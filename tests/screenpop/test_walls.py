"""What a wallboard shows is exactly what is chosen: right, kept up by patches, and with nobody's name where so set."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_core.wallboards.model import Shown, Viewer, Wallboard
from cti.kernel.actor import NOBODY, Actor, system
from cti.live.figures import FigureRules, QueueRule, Threshold
from screenpop.board import Board
from screenpop.feed import WALLBOARD, Feed, allowed
from screenpop.walls import Walls, aim, chosen, worst
from tests.screenpop.morning import morning
from tests.screenpop.test_agents import Screen
from tests.web import sample, stage

TOPIC = WALLBOARD + "b"


class Hall:
    """A board on the sample's morning, and a screen that looks at it."""

    def __init__(self, shown: Shown, own: dict[str, dict[str, Any]] | None = None, rules: FigureRules | None = None):
        self.feed = Feed(Board(lambda number, raw: number or raw or "", stage.local_day), first_seq=1)
        stage.go_live(self.feed)
        self.boards = {"b": Wallboard(id="b", shown=shown, made_at=0.0, issued_at=0.0)}
        self.own = own or {}
        rules = rules or FigureRules()
        self.walls = Walls(self.feed, self.boards.get, morning(rules=rules), lambda: rules, lambda: self.own)
        self.screen = Screen(self.feed, Viewer("b"), TOPIC)  # type: ignore[arg-type]

    def now(self) -> Any:
        self.walls.turn()
        return self.screen.look(TOPIC)

    def show(self, shown: Shown) -> Any:
        self.boards["b"] = Wallboard(id="b", shown=shown, made_at=0.0, issued_at=0.0)
        return self.now()


def test_queues_with_their_figures() -> None:
    told = Hall(Shown(name="Hall", queues=("sales", "support"), language="en")).now()
    assert told["order"] == ["main/sales", "main/support"]
    sales, support = (told["queues"][key] for key in told["order"])
    # 7 half hours of 4 in time, and of one who gave up after 2 s and does not count
    assert (sales["sl"], sales["offered"], sales["waiting"]) == (100.0, 35, 0)
    assert "since" not in sales
    # 2 of 4 in 4 half hours, 3 of 4 in the others: (4 * 2 + 3 * 3) / 28
    assert (support["sl"], support["offered"], support["waiting"]) == (60.7, 28, 3)
    assert support["since"] and support["wait"] == [30.0, 60.0]
    assert (told["waiting"], told["since"]) == (3, support["since"])
    assert told["sl"] == 80.4  # (28 + 17) / (28 + 28)
    assert told["day"]["answered"] == 49 and len(told["curve"]) == 7
    assert (told["target"], told["seconds"]) == (80.0, 20.0)
    assert "agents" not in told and "bars" not in told and told["day"].keys() == {"answered"}


def test_what_the_board_says_of_thresholds_counts_above_the_rules() -> None:
    rules = FigureRules(
        queues=(
            QueueRule(queue="sales", target_percent=95.0, wait=Threshold(10.0, 20.0)),
            QueueRule(queue="*", threshold_seconds=30.0),
        )
    )
    hall = Hall(Shown(name="x", queues=("sales", "support")), rules=rules)
    told = hall.now()
    assert "target" not in told and "seconds" not in told, "two queues, two targets"
    assert [row["target"] for row in told["queues"].values()] == [95.0, 80.0]
    assert told["wait"] == [10.0, 20.0]
    told = hall.show(Shown(name="x", queues=("sales", "support"), wait_warn=5, wait_bad=7, target=70))
    assert (told["target"], told["wait"]) == (70.0, [5.0, 7.0])
    assert {row["target"] for row in told["queues"].values()} == {70.0}


def test_only_what_changed_is_told() -> None:
    hall = Hall(Shown(name="Hall"))
    hall.now()
    count = hall.screen.count
    assert hall.now() and hall.screen.count == count, "nothing changed"
    hall.feed.load([], sample.queues(), sample.links(False))
    told = hall.now()
    assert hall.screen.count == count + 1
    assert told["down"] == ["main"]
    assert told == json.loads(json.dumps(hall.walls.snapshot(TOPIC)))
    assert hall.show(Shown(name="Hall", theme="light"))["look"] == "queues fa light"
    assert hall.show(Shown(name="Hall", kind="day")).keys() >= {"bars"}
    assert "queues" not in hall.screen.look(TOPIC)


def test_nobody_looking_costs_nothing() -> None:
    hall = Hall(Shown(name="Hall"))
    hall.now()
    hall.feed.hub.leave(hall.screen.client)
    hall.walls.turn()
    assert hall.walls._told == {}


OWN = {
    "main/221": {"name": "نگار", "ext": "221", "state": "wrap", "since": "2026-11-22T07:00:00.000Z"},
    "main/230": {
        "name": "رضا", "ext": "230", "state": "pause", "since": "2026-11-22T07:01:00.000Z",
        "reason": {"id": "lunch", "label": "ناهار", "fa": "ناهار", "en": "Lunch"},
    },
    "main/232": {"name": "سارا", "ext": "232", "state": "off"},
}  # fmt: skip


def test_no_board_has_more_in_its_frames_than_it_shows() -> None:
    figures = {"sl", "target", "seconds", "curve", "day", "bars"}
    for kind, more in (("queues", figures - {"bars"} | {"queues", "order"}), ("agents", {"agents"}), ("day", figures)):
        told = Hall(Shown(name="Hall", kind=kind)).now()  # type: ignore[arg-type]
        assert told.keys() & (figures | {"queues", "order", "agents"}) == more, kind


def test_agents_of_the_chosen_queues_as_they_say_themselves() -> None:
    hall = Hall(Shown(name="x", kind="agents", queues=("sales",), language="en"), OWN)
    people = {one["name"]: one for one in hall.now()["agents"].values()}
    assert len(people) == 4
    assert (people["نگار"]["mark"], people["نگار"]["since"]) == ("wrap", "2026-11-22T07:00:00.000Z")
    assert (people["رضا"]["mark"], people["رضا"]["reason"]) == ("pause", "Lunch")
    assert hall.now()["states"] == {"wrap": 1, "pause": 1, "ready": 1, "talk": 1}
    assert sample.AGENTS["232"] in people, "signed out of ours, but his phone is in the queue: as the PBX says"


@pytest.mark.parametrize("kind", ["queues", "agents", "day"])
def test_a_nameless_board_names_nobody(kind: Any) -> None:
    hall = Hall(Shown(name="x", kind=kind, nameless=True), OWN)
    told = json.dumps(hall.now(), ensure_ascii=False)
    for secret in (*sample.AGENTS.values(), *(f'"{ext}"' for ext in sample.AGENTS), "نگار", "رضا", "main/2", "آموزش"):
        assert secret not in told, secret


@pytest.mark.parametrize("kind", ["queues", "agents", "day"])
def test_no_board_tells_of_callers(kind: Any) -> None:
    told = json.dumps(Hall(Shown(name="x", kind=kind)).now(), ensure_ascii=False)
    for call in sample.live_calls():
        for secret in (call.record.id, call.record.caller.raw, call.record.caller.name):
            assert not secret or secret not in told or secret in sample.AGENTS, secret


def test_who_has_the_link_watches_his_board_and_nothing_else() -> None:
    viewer = Viewer("b")
    assert allowed(viewer, TOPIC)
    for topic in ("wallboard:c", "board:all", "wallboard:", "status", "agents", "pops", "messages", "call:x"):
        assert not allowed(viewer, topic), topic
    for actor in (NOBODY, system("x"), Actor("u", "U", permissions=frozenset({"wallboards.manage"}))):
        assert not allowed(actor, TOPIC), "by its link only"


def test_a_board_that_is_gone_has_nothing() -> None:
    hall = Hall(Shown(name="x"))
    assert hall.walls.snapshot(WALLBOARD + "none") is None
    hall.boards.clear()
    hall.walls.turn()


def test_parts() -> None:
    live = Hall(Shown(name="x")).feed.board
    assert chosen(live, Shown(name="x", queues=("sales", "none"))) == (("main", "sales"),)
    assert len(chosen(live, Shown(name="x"))) == 4
    assert aim(Shown(name="x", target=0), FigureRules(), ()) == (0.0, 20.0)
    assert worst({"a": {"name": "a", "waiting": 2, "ready": 1}}) is None
    rows = {n: {"name": n, "waiting": w, "ready": 0, "since": "t"} for n, w in (("a", 1), ("b", 3))}
    assert worst(rows) == {"queue": "b", "waiting": 3, "since": "t"}
