"""Open alerts as a snapshot and as what changed; a caller's number masked for who sees it so."""

from __future__ import annotations

import json

import msgspec

from cti.kernel.actor import Actor
from cti.live.alarms import Alert, Subject
from screenpop.alerts import AlertScreens
from screenpop.board import Board
from screenpop.feed import ALERTS, Feed

ALERT = Alert(
    id="a1", rule="again", kind="repeat", level="warn", subject=Subject(number="09121234567"), limit=3.0, value=4.0,
    raised_at=1_800_000_000.0,
)  # fmt: skip


def test_snapshot_change_and_end() -> None:
    feed, open_now = Feed(Board(lambda _number, raw: raw or "", lambda _at: "2026-11-22")), [ALERT]
    screens = AlertScreens(feed, lambda: open_now)
    all_of, masked = (
        feed.hub.join(lambda: None, Actor(name, name, permissions=frozenset({"live.view", *more})))
        for name, more in (("u1", ("numbers.view",)), ("u2", ()))
    )
    for client in (all_of, masked):
        feed.hub.watch(client, [ALERTS])
    (row,) = json.loads(feed.hub.take(all_of))["data"]["alerts"].values()
    assert row == {
        "id": "a1", "kind": "repeat", "level": "warn", "value": 4.0, "limit": 3.0, "number": "09121234567",
        "raised_at": "2027-01-15T08:00:00.000Z",
    }  # fmt: skip
    assert "1234567" not in feed.hub.take(masked).decode()
    screens.take([msgspec.structs.replace(ALERT, taken_by="u1", taken_name="Sara")])
    assert json.loads(feed.hub.take(masked))["data"]["alerts"]["a1"]["taken_name"] == "Sara"
    screens.take([msgspec.structs.replace(ALERT, cleared_at=1.0)])
    told = feed.hub.take(all_of)
    assert told.endswith(b'{"alerts":{"a1":null}}}')
