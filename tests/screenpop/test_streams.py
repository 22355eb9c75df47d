"""News of streams: each topic told once, to those who look; messages to one alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.exchange.events import ImportMoved
from crm_core.notes.events import NoteWritten
from crm_core.notes.model import Note
from crm_core.tasks.events import TaskChanged
from crm_core.tasks.model import Task
from crm_core.timeline.events import TimelineChanged
from cti.kernel.actor import Actor
from screenpop.board import Board
from screenpop.feed import Feed
from screenpop.hub import Client
from screenpop.streams import Streams

SEEING = Actor(id="1", name="Sina", permissions=frozenset({"contacts.view", "numbers.view", "tasks.use"}))
UNSEEING = Actor(id="2", name="Elham", permissions=frozenset({"contacts.view"}))
TASK = Task("t", "title", "", "1", "Sina", None, None, None, None, 1.0, "2", "Elham")
NOTE = Note("n", "@Sina", "p1", None, "2", "Elham", 1.0, None, ("1",))


def made() -> Feed:
    return Feed(Board(lambda number, raw: raw or "", lambda at: "day"), frame=lambda m: m + b"\n")


def watch(feed: Feed, *topics: str, actor: Actor = SEEING) -> Client:
    client = feed.hub.join(lambda: None, actor)
    feed.hub.watch(client, topics)
    feed.hub.take(client)
    return client


def read(feed: Feed, client: Client) -> list[dict[str, Any]]:
    return [json.loads(line) for line in feed.hub.take(client).decode().splitlines()]


async def everybody(parties: Iterable[str], keys: Iterable[str]) -> set[str]:
    return {*parties, *(f"owner of {key}" for key in keys)}


async def test_each_topic_is_told_once_however_many_events() -> None:
    feed = made()
    seeing = watch(feed, "party:p1", "number:+98912", "about:c1")
    unseeing = watch(feed, "party:owner of +98912", actor=UNSEEING)
    news = [TimelineChanged(("p1",), ("+98912",), ("c1",), 1.0), TimelineChanged(("p1",), (), (), 2.0)]
    await Streams(feed, everybody).take([*news, PartyChanged("p1", "person", 3.0)])
    assert sorted(message["topic"] for message in read(feed, seeing)) == ["about:c1", "number:+98912", "party:p1"]
    assert [message["topic"] for message in read(feed, unseeing)] == ["party:owner of +98912"]


async def test_merged_parties_are_both_told() -> None:
    feed = made()
    client = watch(feed, "party:a", "party:b")
    await Streams(feed, everybody).take([PartiesMerged("a", "b", 1.0)])
    assert {message["topic"] for message in read(feed, client)} == {"party:a", "party:b"}


async def test_nobody_looks_nobody_is_looked_up() -> None:
    async def never(_parties: Iterable[str], _keys: Iterable[str]) -> set[str]:
        raise AssertionError

    await Streams(made(), never).take([TimelineChanged(("p1",), ("k",), (), 1.0)])


async def test_messages_go_to_one_alone() -> None:
    feed = made()
    his, hers = watch(feed, "messages"), watch(feed, "messages", actor=UNSEEING)
    await Streams(feed, everybody).take([NoteWritten(NOTE, ("1", "2")), TaskChanged(TASK, "2", given=True)])
    told = [(message["data"]["kind"], message["data"]["given"]) for message in read(feed, his)]
    assert told == [("mention", True), ("task", True)]
    assert [message["data"]["given"] for message in read(feed, hers)] == [False]  # she gave it
    await Streams(feed, everybody).take([TaskChanged(msgspec.structs.replace(TASK, made_by="1"), "1")])
    assert [message["data"]["given"] for message in read(feed, his)] == [False]
    assert read(feed, hers) == []


async def test_an_import_is_told_to_whoever_it_is_done_for() -> None:
    feed = made()
    his, hers = watch(feed, "messages"), watch(feed, "messages", actor=UNSEEING)
    await Streams(feed, everybody).take([ImportMoved("i", "1"), ImportMoved("j", "")])
    assert [message["data"] for message in read(feed, his)] == [{"kind": "import", "id": "i"}]
    assert read(feed, hers) == []


def test_who_may_watch() -> None:
    feed = made()
    client = feed.hub.join(lambda: None, UNSEEING)
    feed.hub.watch(client, ["number:+98912", "messages 1", "messages:1", "party:x"])
    refused = [m["topic"] for m in read(feed, client) if m["type"] == "error"]
    assert refused == ["number:+98912", "messages 1", "messages:1"]
