"""Events in, messages out: one message however many events, and only to who watches."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from cti.live.events import CallChanged, CallEnded, CallMerged
from screenpop.board import Board
from screenpop.feed import BOARD, Feed, anybody
from screenpop.hub import Client
from tests.web import sample
from tests.web.stage import local_day


def feed() -> Feed:
    made = Feed(Board(lambda number, raw: raw or "", local_day), frame=lambda m: m + b"\n")
    made.load(sample.live_calls(), sample.queues(), sample.links())
    return made


def watch(made: Feed, *topics: str) -> Client:
    client = made.hub.join(lambda: None)
    made.hub.watch(client, topics)
    return client


def read(made: Feed, client: Client) -> list[dict[str, Any]]:
    return [json.loads(line) for line in made.hub.take(client).decode().splitlines()]


def test_the_board_begins_with_everything() -> None:
    made = feed()
    (snapshot,) = read(made, watch(made, BOARD))
    assert snapshot["type"] == "snapshot"
    assert len(snapshot["data"]["calls"]) == len(sample.live_calls())
    assert set(snapshot["data"]) == {"calls", "queues", "agents", "links", "today"}


def test_a_batch_of_events_is_one_message() -> None:
    made = feed()
    client = watch(made, BOARD)
    read(made, client)
    first, second = sample.live_calls()[:2]
    made.tell([
        CallChanged(1.0, msgspec.structs.replace(first, state="held")),
        CallChanged(1.0, msgspec.structs.replace(first, state="talking")),
        CallEnded(1.0, second.record),
    ])  # fmt: skip
    (event,) = read(made, client)
    assert event["data"]["calls"] == {second.record.id: None}


def test_a_call_is_told_to_who_watches_it() -> None:
    made = feed()
    call, other = sample.live_calls()[:2]
    client = watch(made, f"call:{call.record.id}")
    read(made, client)
    made.tell([CallChanged(1.0, msgspec.structs.replace(other, state="held"))])
    assert read(made, client) == []
    made.tell([CallChanged(1.0, msgspec.structs.replace(call, state="held"))])
    (event,) = read(made, client)
    assert event["data"]["call"]["state"] == "held"
    made.tell([CallEnded(2.0, call.record)])
    (ended,) = read(made, client)
    assert ended["data"] is None


def test_who_watches_a_merged_call_hears_where_it_went() -> None:
    made = feed()
    gone, into = (call.record.id for call in sample.live_calls()[:2])
    client = watch(made, f"call:{gone}")
    read(made, client)
    made.tell([CallMerged(1.0, gone, into)])
    assert read(made, client)[0]["data"] == {"merged_into": into}


def test_who_comes_between_two_events_gets_neither_twice_nor_a_gap() -> None:
    made = feed()
    early = watch(made, BOARD)
    (start,) = read(made, early)
    call = sample.live_calls()[0]
    made.board.apply(CallChanged(1.0, msgspec.structs.replace(call, state="held")))  # not yet told
    late = watch(made, BOARD)
    (told,) = read(made, early)
    (snapshot,) = read(made, late)
    assert told["seq"] == start["seq"] + 1 == snapshot["seq"]
    assert snapshot["data"]["calls"][call.record.id]["state"] == "held"


def test_nobody_watching_is_nobody_told() -> None:
    made = feed()
    made.tell([CallChanged(1.0, sample.live_calls()[0])])
    assert made.hub.published == 0


def test_a_beat_carries_the_time() -> None:
    made = feed()
    client = watch(made, BOARD)
    read(made, client)
    made.beat(sample.NOW)
    assert read(made, client)[-1] == {"type": "beat", "at": "2026-11-22T07:14:00.000Z"}


def test_until_there_are_users_only_these_topics_exist() -> None:
    assert anybody(None, "board:all")
    assert anybody(None, "call:main-1")
    assert not anybody(None, "pops")
