"""Open alerts as a snapshot and as what changed, to whom they concern; with how things stand where they are; a caller's
number masked for who sees it so."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from cti.kernel.actor import Actor
from cti.live.alarms import Alert, Subject
from cti.live.events import PbxLinkChanged, QueueChanged, QueueMember
from screenpop.alerts import AlertScreens, topics_of
from screenpop.board import Board
from screenpop.feed import Feed, allowed
from tests.web import sample

ALERT = Alert(
    id="a1", rule="again", kind="repeat", level="warn", subject=Subject(number="09121234567"), limit=3.0, value=4.0,
    raised_at=1_800_000_000.0, window_minutes=60, teams=("red",),
)  # fmt: skip
QUEUE = msgspec.structs.replace(ALERT, id="a2", kind="wait", subject=Subject(pbx="main", queue="sales"))
LINK = msgspec.structs.replace(ALERT, id="a3", kind="link_down", subject=Subject(pbx="main"), teams=None)
LEAD = Actor("u1", "Lead", permissions=frozenset({"live.view", "numbers.view"}), teams=frozenset({"red"}))
BOSS = Actor("u2", "Boss", permissions=frozenset({"live.view", "calls.view_all"}))


class Screens:
    """What each of some actors is told of the topics that he watches."""

    def __init__(self, *alerts: Alert) -> None:
        self.feed = Feed(Board(lambda _number, raw: raw or "", lambda _at: "2026-11-22"))
        self.now = list(alerts)
        self.made = AlertScreens(self.feed, lambda: self.now)

    def watch(self, actor: Actor, topic: str) -> Any:
        client = self.feed.hub.join(lambda: None, actor)
        self.feed.hub.watch(client, [topic])
        return client

    def told(self, client: Any) -> Any:
        """The alerts of the next message; None where there is none."""
        message = self.feed.hub.take(client)
        return json.loads(message)["data"]["alerts"] if message else None


def test_snapshot_change_and_end() -> None:
    screens = Screens(ALERT)
    whole, masked = screens.watch(LEAD, "alerts:red"), screens.watch(BOSS, "alerts:all")
    assert screens.told(whole) == {"a1": {
        "id": "a1", "kind": "repeat", "level": "warn", "value": 4.0, "limit": 3.0, "minutes": 60,
        "number": "09121234567", "raised_at": "2027-01-15T08:00:00.000Z",
    }}  # fmt: skip
    assert "1234567" not in str(screens.told(masked))
    screens.now = [msgspec.structs.replace(ALERT, taken_by="u1", taken_name="Sara")]
    screens.made.turn()
    for client in (whole, masked):
        assert screens.told(client) == {"a1": {"taken_by": "u1", "taken_name": "Sara"}}, "what changed and no more"
    screens.made.turn()
    assert screens.told(whole) is None
    screens.now = []
    screens.made.turn()
    assert screens.told(whole) == screens.told(masked) == {"a1": None}


def test_each_team_is_told_of_its_own() -> None:
    screens = Screens(ALERT, LINK)
    red, blue, house = (screens.watch(BOSS, f"alerts:{one}") for one in ("red", "blue", "house"))
    assert [screens.told(client).keys() for client in (red, blue, house)] == [{"a1"}, set(), {"a3"}]
    screens.now = [msgspec.structs.replace(ALERT, teams=("blue",)), LINK]
    screens.made.turn()
    assert screens.told(red) == {"a1": None}
    assert screens.told(blue)["a1"]["kind"] == "repeat"
    assert screens.told(house) is None


@pytest.mark.parametrize(
    ("alert", "topics"),
    [
        (ALERT, ("alerts:all", "alerts:red")), (LINK, ("alerts:all", "alerts:house")),
        (msgspec.structs.replace(ALERT, teams=()), ("alerts:all",)),
    ],
)  # fmt: skip
def test_topics(alert: Alert, topics: tuple[str, ...]) -> None:
    assert topics_of(alert) == topics


SEES = frozenset({"live.view"})


@pytest.mark.parametrize(
    ("permissions", "teams", "topics"),
    [
        (SEES | {"calls.view_all"}, "", "all red blue house"), (SEES, "red", "red house"),
        (SEES, "red blue", "red blue house"),
        (SEES, "", "house"), (frozenset({"calls.view_all"}), "red", ""), (frozenset(), "red", ""),
    ],
)  # fmt: skip
def test_who_may_watch_what(permissions: frozenset[str], teams: str, topics: str) -> None:
    actor = Actor("u", "U", permissions=permissions, teams=frozenset(teams.split()))
    asked = ("all", "red", "blue", "house", "", "red:blue")
    assert [one for one in asked if allowed(actor, f"alerts:{one}")] == topics.split()


def test_how_things_stand_in_the_queue() -> None:
    screens = Screens(QUEUE)
    members = (
        QueueMember("PJSIP/1", "", 1, False, None, False, True), QueueMember("PJSIP/2", "", 1, True, None, False, True),
    )  # fmt: skip
    screens.feed.board.apply(QueueChanged("main", 1.0, "sales", 4, members))
    client = screens.watch(LEAD, "alerts:red")
    row = screens.told(client)["a2"]
    assert {key: row[key] for key in ("waiting", "ready", "pause", "off", "busy")} == {
        "waiting": 4, "ready": 1, "pause": 1, "off": 0, "busy": 0,
    }  # fmt: skip
    screens.feed.board.apply(QueueChanged("main", 2.0, "sales", 5, members))
    screens.made.turn()
    assert screens.told(client) == {"a2": {"waiting": 5}}


def test_who_is_in_the_call_and_why_a_link_is_down() -> None:
    call = sample.live_call("7", 90.0, ("0912 123 4567\u202e<b>", "09121234567"), "talking", 60.0, "sales",
                            (("201", "talking"),), spoke=5.0)  # fmt: skip
    talk = msgspec.structs.replace(ALERT, id="a4", kind="talk", subject=Subject(pbx="main", call=call.record.id))
    screens = Screens(talk, LINK)
    screens.feed.load([call], [], [PbxLinkChanged("main", 1.0, False, "gone")])
    row = screens.told(screens.watch(LEAD, "alerts:red"))["a4"]
    assert row["who"] == "0912 123 4567 <b>", "no mark that turns the line around"
    masked = screens.told(screens.watch(BOSS, "alerts:all"))
    assert "123 4567" not in masked["a4"]["who"]
    assert masked["a3"]["reason"] == "gone"
