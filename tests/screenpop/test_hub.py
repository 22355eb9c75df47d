"""The hub: snapshots, numbers without gaps, shared frames, permission, and what happens to the slow."""

from __future__ import annotations

import json
from typing import Any

from screenpop.hub import MAX_TOPICS, SLICE, Client, Hub


class Line:
    """A client and what it received."""

    def __init__(self, hub: Hub, actor: object = "me") -> None:
        self.hub, self.woken = hub, 0
        self.client: Client = hub.join(self._wake, actor)

    def _wake(self) -> None:
        self.woken += 1

    def hello(self, *topics: str, **after: int) -> list[dict[str, Any]]:
        message = {"type": "hello", "topics": topics, "after": {k.replace("_", ":"): v for k, v in after.items()}}
        self.hub.receive(self.client, json.dumps(message))
        return self.read()

    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.hub.take(self.client).decode().splitlines()]


def make(state: dict[str, Any] | None = None, **options: Any) -> Hub:
    held = {"board:all": {"calls": {}}} if state is None else state
    return Hub(held.get, lambda _, topic: not topic.startswith("secret"), lambda m: m + b"\n", **options)


def test_a_hello_brings_a_snapshot_then_events_without_gaps() -> None:
    hub = make(first_seq=40)
    line = Line(hub)
    assert line.hello("board:all") == [{"type": "snapshot", "topic": "board:all", "seq": 41, "data": {"calls": {}}}]
    for n in range(3):
        hub.publish("board:all", {"n": n})
    assert [(m["type"], m["seq"], m["data"]["n"]) for m in line.read()] == [
        ("event", 42, 0), ("event", 43, 1), ("event", 44, 2)
    ]  # fmt: skip


def test_each_topic_counts_by_itself() -> None:
    hub = make({"a": 1, "b": 2})
    line = Line(hub)
    line.hello("a", "b")
    hub.publish("a", "x")
    hub.publish("b", "y")
    hub.publish("a", "z")
    seen = [(m["topic"], m["seq"]) for m in line.read()]
    first = {"a": seen[0][1], "b": seen[1][1]}
    assert seen == [("a", first["a"]), ("b", first["b"]), ("a", first["a"] + 1)]


def test_who_is_up_to_date_gets_no_snapshot_and_who_missed_something_does() -> None:
    hub = make()
    watcher, late = Line(hub), Line(hub)
    seq = watcher.hello("board:all")[0]["seq"]
    assert late.hello("board:all", board_all=seq) == []
    hub.leave(late.client)
    hub.publish("board:all", {"n": 1})
    back = Line(hub)
    assert [m["type"] for m in back.hello("board:all", board_all=seq)] == ["snapshot"]


def test_a_number_of_the_past_is_never_taken_for_the_present() -> None:
    hub = make()
    line = Line(hub)
    seq = line.hello("board:all")[0]["seq"]
    hub.leave(line.client)
    assert not hub.watched("board:all")
    hub.publish("board:all", {"n": 1})  # nobody is there, nothing is counted
    assert [m["type"] for m in Line(hub).hello("board:all", board_all=seq)] == ["snapshot"]


def test_the_same_frame_goes_to_everybody() -> None:
    framed: list[bytes] = []

    def frame(message: bytes) -> bytes:
        framed.append(message)
        return message + b"\n"

    hub = Hub(lambda _: {}, lambda *_: True, frame)
    lines = [Line(hub) for _ in range(100)]
    for line in lines:
        line.hello("t")
    framed.clear()
    hub.publish("t", {"n": 1})
    assert len(framed) == 1
    queued = [line.client.queue[0] for line in lines]
    assert all(one is queued[0] for one in queued)
    assert hub.published == 1


def test_snapshots_are_shared_until_something_is_published() -> None:
    asked: list[str] = []

    def snapshot(topic: str) -> Any:
        asked.append(topic)
        return {"size": len(asked)}

    hub = Hub(snapshot, lambda *_: True)
    lines = [Line(hub) for _ in range(3)]
    frames = []
    for line in lines:
        hub.watch(line.client, ["t"])
        frames.append(line.client.queue[0])
    assert frames[0] is frames[1] is frames[2]


def test_a_slow_client_is_cut_and_gets_a_snapshot_when_it_is_free_again() -> None:
    state: dict[str, Any] = {"t": {"n": 0}}
    hub = make(state, queue_bytes=1000)
    slow, quick = Line(hub), Line(hub)
    slow.hello("t")
    quick.hello("t")
    for n in range(200):
        state["t"] = {"n": n}
        hub.publish("t", {"n": n})
        quick.read()
        assert slow.client.size <= 1000
    assert hub.cuts == 1
    assert slow.woken == 2  # for the snapshot, and once for the queue that then overflowed
    (message,) = slow.read()
    assert (message["type"], message["data"]) == ("snapshot", {"n": 199})
    hub.publish("t", {"n": 200})
    (event,) = slow.read()
    assert event["seq"] == message["seq"] + 1


def test_a_forbidden_topic_and_one_too_many_are_refused_and_told() -> None:
    hub = make()
    line = Line(hub)
    assert line.hello("secret:1") == [{"type": "error", "topic": "secret:1", "reason": "forbidden"}]
    told = line.hello(*(f"t{n}" for n in range(MAX_TOPICS + 3)))
    assert sum(m["type"] == "error" for m in told) == 3
    assert len(line.client.topics) == MAX_TOPICS


def test_nonsense_is_answered_not_raised() -> None:
    hub = make()
    line = Line(hub)
    for nonsense in (b"", b"{", b"[]", b'{"type":"hello","topics":5}', b"\xff\xfe", '{"type":"hangup","topics":[]}'):
        hub.receive(line.client, nonsense)
    assert {m["type"] for m in line.read()} == {"error"}


def test_a_hello_replaces_the_topics_of_the_one_before() -> None:
    hub = make({"a": 1, "b": 2})
    line = Line(hub)
    line.hello("a")
    line.hello("b")
    assert hub.watched("b")
    assert not hub.watched("a")


def test_a_beat_reaches_all_or_the_one_that_came() -> None:
    hub = make()
    one, two = Line(hub), Line(hub)
    hub.beat("2026-11-22T07:00:00.000Z")
    hub.beat("2026-11-22T07:00:01.000Z", one.client)
    assert [m["at"] for m in one.read()] == ["2026-11-22T07:00:00.000Z", "2026-11-22T07:00:01.000Z"]
    assert len(two.read()) == 1


def test_the_state_of_a_snapshot_is_taken_after_what_it_made_known() -> None:
    """Asking for a snapshot may publish what was still untold: the newcomer must not get that twice."""
    hub: Hub

    def snapshot(topic: str) -> Any:
        if topic == "t" and len(hub.clients) == 2:
            hub.publish("t", {"late": True})
        return {"whole": True}

    hub = Hub(snapshot, lambda *_: True, lambda m: m + b"\n")
    first = Line(hub)
    (was,) = first.hello("t")
    second = Line(hub)
    (message,) = second.hello("t")
    assert message["type"] == "snapshot"
    assert message["seq"] == was["seq"] + 1
    assert [m["data"] for m in first.read()] == [{"late": True}]


def test_a_topic_may_look_different_to_different_people() -> None:
    looks = {"board": {"number": "0912 345 6789"}, "board, masked": {"number": "0912 ••• 6789"}}
    hub = Hub(
        looks.__getitem__,
        lambda _actor, _topic: True,
        frame=lambda message: message + b"\n",
        first_seq=7,
        channel=lambda actor, topic: topic if actor == "boss" else f"{topic}, masked",
    )
    clients = {name: hub.join(lambda: None, name) for name in ("boss", "agent")}

    def read(name: str) -> list[tuple[str, str, str]]:
        told = [json.loads(line) for line in hub.take(clients[name]).decode().splitlines()]
        return [(message["type"], message["topic"], message["data"]["number"]) for message in told]

    for client in clients.values():
        hub.watch(client, ["board"])
    assert read("boss") == [("snapshot", "board", "0912 345 6789")]
    assert read("agent") == [("snapshot", "board", "0912 ••• 6789")]
    hub.publish("board", {"number": "1"})
    assert (read("boss"), read("agent")) == ([("event", "board", "1")], [])
    hub.publish("board, masked", {"number": "2"})
    assert (read("boss"), read("agent")) == ([], [("event", "board", "2")])
    hub.leave(clients["agent"])
    assert hub.watched("board") and not hub.watched("board, masked")


def test_the_time_is_told_to_some_at_a_time() -> None:
    hub = Hub(lambda _channel: {}, lambda _actor, _topic: True)
    clients = [hub.join(lambda: None) for _ in range(2 * SLICE + 10)]
    told = hub.beats("now")
    next(told)
    assert sum(bool(client.queue) for client in clients) == SLICE
    gone = next(client for client in clients if not client.queue)
    hub.leave(gone)
    for _ in told:
        pass
    assert all(client.queue for client in clients if client is not gone) and not gone.queue
