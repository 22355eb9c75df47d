"""Events in, messages out: one message however many events, and only to who watches."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from crm_core.users.desks import DeskTaken, PeopleAtPhones
from crm_core.users.places import Mate, Place
from cti.control.phones import PhoneAt
from cti.kernel.actor import NOBODY, Actor, system
from cti.live.events import CallChanged, CallEnded, CallLogged, CallMerged, LiveCall
from cti.live.record import rfc3339
from screenpop.board import Board
from screenpop.feed import AGENT, BOARD, CALL, CALLS, MASKED, POPS, Feed, allowed
from screenpop.hub import Client
from screenpop.playbacks import merge
from screenpop.teams import concerned
from tests.cti.live.desk import Desk
from tests.screenpop.floor import Chaos
from tests.web import sample
from tests.web.stage import local_day

SEEING = Actor(id="1", name="Sina", permissions=frozenset({"live.view", "numbers.view", "calls.view_all"}))
UNSEEING = Actor(id="2", name="Elham", permissions=frozenset({"live.view", "calls.view_all"}))
LEAD = Actor(id="9", name="Mina", permissions=frozenset({"live.view", "numbers.view"}))
"""Sees what concerns the teams that she is in."""


def feed() -> Feed:
    made = Feed(Board(lambda number, raw: raw or "", local_day), frame=lambda m: m + b"\n")
    made.load(sample.live_calls(), sample.queues(), sample.links())
    return made


def watch(made: Feed, *topics: str, actor: Actor = SEEING) -> Client:
    client = made.hub.join(lambda: None, actor)
    made.hub.watch(client, topics)
    return client


def read(made: Feed, client: Client) -> list[dict[str, Any]]:
    return [json.loads(line) for line in made.hub.take(client).decode().splitlines()]


def test_the_board_begins_with_everything() -> None:
    made = feed()
    (snapshot,) = read(made, watch(made, BOARD))
    assert snapshot["type"] == "snapshot"
    assert len(snapshot["data"]["calls"]) == len(sample.live_calls())
    assert set(snapshot["data"]) == {"calls", "queues", "agents", "links", "today", "rules", "teams"}


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


@pytest.mark.parametrize("topic", ["board:all", "call:main-1"])
def test_a_topic_needs_its_permission(topic: str) -> None:
    assert allowed(SEEING, topic)
    assert not allowed(msgspec.structs.replace(SEEING, permissions=frozenset()), topic)
    assert not allowed(NOBODY, topic)
    assert not allowed(None, topic)


@pytest.mark.parametrize("topic", ["wallboard:1", "pops:2", "board:", "board:all:more", "", "callsign:1", "\0"])
def test_what_is_no_topic_nobody_watches(topic: str) -> None:
    assert not allowed(system("everything"), topic)


def test_what_changes_close_together_is_one_message_and_nothing_is_lost() -> None:
    made = feed()
    later: list[Any] = []
    made.soon = later.append
    client, calls = watch(made, BOARD), sample.live_calls()
    read(made, client)
    for number, state in enumerate(("held", "talking", "held")):
        made.tell([CallChanged(1.0, msgspec.structs.replace(calls[number], state=state, since=5.0))])  # type: ignore[arg-type]
    assert [list(one["data"]["calls"]) for one in read(made, client)] == [[calls[0].record.id]]
    later.pop()()
    (told,) = read(made, client)
    assert set(told["data"]["calls"]) == {calls[1].record.id, calls[2].record.id}
    made.tell([CallEnded(1.0, calls[3].record)])
    late = watch(made, BOARD)
    assert calls[3].record.id not in read(made, late)[0]["data"]["calls"]
    assert read(made, client)[0]["data"]["calls"] == {calls[3].record.id: None}
    later.pop()()
    later.pop()()
    assert (read(made, client), read(made, late), later) == ([], [], [])


@pytest.mark.parametrize(
    ("permissions", "teams", "watches"),
    [
        ("live.view calls.view_all", "", "all t1 t2"),
        ("live.view calls.view_all", "t1", "all t1 t2"),
        ("live.view", "t1", "t1"),
        ("live.view", "t1 t2", "t1 t2"),
        ("live.view calls.view_team live.act", "t2", "t2"),
        ("live.view", "", ""),
        ("calls.view_all", "t1", ""),
        ("", "t1 t2", ""),
    ],
)
def test_who_may_not_see_every_call_watches_the_boards_of_his_teams(permissions: str, teams: str, watches: str) -> None:
    actor = Actor("x", "X", permissions=frozenset(permissions.split()), teams=frozenset(teams.split()))
    assert [one for one in ("all", "t1", "t2", "", "t1:t2") if allowed(actor, f"board:{one}")] == watches.split()
    assert not allowed(NOBODY, "board:t1")


TEAMED = PeopleAtPhones(
    {},
    (Place("sara", "Sara", ("201",), (PhoneAt("main", "PJSIP/201", "201", True),)),),
    (Mate("sara", "Sara", ("t1",)),),
    (("t1", "Sales"), ("t2", "Support")),
)


def of_sara(call: LiveCall) -> bool:
    return any(leg.extension == "201" for leg in call.record.legs)


@pytest.mark.parametrize(
    ("teams", "extensions", "permissions", "hers", "others"),
    [
        ("t1", "", "", True, False),
        ("t2", "", "", False, False),
        ("", "201", "", True, False),
        ("", "", "", False, False),
        ("", "", "calls.view_all", True, True),
    ],
)
def test_a_call_is_watched_by_whom_it_concerns(
    teams: str, extensions: str, permissions: str, hers: bool, others: bool
) -> None:
    made = feed()
    made.tell([TEAMED])
    actor = Actor("x", "X", permissions=frozenset({"live.view", *permissions.split()}),
                  teams=frozenset(teams.split()), extensions=frozenset(extensions.split()))  # fmt: skip
    found: dict[bool, set[bool]] = {True: set(), False: set()}
    for call in sample.live_calls():
        if call.state != "queued":
            (told,) = read(made, watch(made, f"call:{call.record.id}", actor=actor))
            found[of_sara(call)].add(told["type"] == "snapshot")
    assert found == {True: {hers}, False: {others}}
    merged = watch(made, "call:main-none", actor=actor)
    assert (read(made, merged)[0]["type"] == "snapshot") == ("calls.view_all" in actor.permissions), "no id to guess"


def test_the_bars_figures_are_those_of_ones_teams() -> None:
    made = feed()
    made.tell([TEAMED])
    lead = msgspec.structs.replace(LEAD, teams=frozenset({"t1"}))
    calls = sample.live_calls()
    mine = [call for call in calls if of_sara(call)]
    whole, hers, none = (watch(made, "pulse", actor=actor) for actor in (SEEING, lead, LEAD))
    (told,) = read(made, whole)
    waiting = [call.since for call in calls if call.state == "queued"]
    assert told["data"] == {
        "calls": len(calls), "waiting": len(waiting), "longest_since": rfc3339(min(waiting)),
        "today_calls": 0, "today_missed": 0,
    }  # fmt: skip
    assert read(made, hers)[0]["data"] == {"calls": len(mine), "waiting": 0}
    assert read(made, none)[0]["data"] == {"calls": 0, "waiting": 0}
    made.tell([CallEnded(1.0, mine[0].record)])
    made.beat(sample.NOW)
    assert [m["data"] for m in read(made, hers) if m["type"] == "event"] == [{"calls": len(mine) - 1}]
    assert [m["data"] for m in read(made, whole) if m["type"] == "event"] == [{"calls": len(calls) - 1}]
    made.beat(sample.NOW + 1)
    assert [m["type"] for m in read(made, hers)] == ["beat"], "nothing changed"


@pytest.mark.parametrize("seed", range(20))
def test_each_board_told_in_pieces_is_the_board_as_it_is(seed: int) -> None:
    """Of everybody, of a team, with numbers whole or masked; who comes later sees the same."""
    chaos = Chaos(seed)
    made = Feed(chaos.board, frame=lambda m: m + b"\n")
    boss, blind = SEEING, UNSEEING
    topics = ("board:all", "board:t1", "board:t2")
    screens = {(actor, topic): watch(made, topic, actor=actor) for actor in (boss, blind) for topic in topics}
    known: dict[Any, Any] = {}
    for number in range(60):
        made.tell(chaos.events())
        if chaos.dice.random() < 0.3:
            made.beat(chaos.now + 1000 * number)
        for key, client in screens.items():
            for told in read(made, client):
                if told["type"] == "snapshot":
                    known[key] = told["data"]
                elif told["type"] == "event":
                    merge(known[key], told["data"])
        if number % 5 == 4:
            for (actor, topic), had in known.items():
                late = watch(made, topic, actor=actor)
                assert read(made, late)[0]["data"] == had, (topic, number)
                made.hub.leave(late)
    for actor in (boss, blind):
        everything, mine = known[actor, "board:all"], known[actor, "board:t1"]
        assert set(mine) == {"calls", "agents", "queues", "links", "rules", "teams"}
        for part in ("calls", "agents", "queues"):
            assert mine[part] == {k: v for k, v in everything[part].items() if "t1" in concerned(part, v, everything)}


def test_a_teams_board_that_nobody_looks_at_costs_nothing() -> None:
    made = feed()
    client = watch(made, "board:t1", actor=SEEING)
    made.hub.leave(client)
    made.tell([CallChanged(1.0, sample.live_calls()[0])])
    assert made.hub.published == 0
    assert all(not part.told for part in made.board._parts.values())
    assert made._team_boards.teams() == ()


def digits_of(messages: list[dict[str, Any]]) -> set[str]:
    """The callers' numbers, in whatever form, that a screen was told."""
    text = json.dumps(messages, ensure_ascii=False)
    return {raw for call in sample.live_calls() if len(raw := call.record.caller.raw or "") > 6 and raw in text}


def test_who_may_not_see_numbers_whole_never_gets_them() -> None:
    made = feed()
    call = next(
        c for c in sample.live_calls() if len(c.record.caller.raw or "") > 6 and c.record.direction == "inbound"
    )
    topics = BOARD, f"call:{call.record.id}"
    seeing, unseeing, third = (watch(made, *topics, actor=actor) for actor in (SEEING, UNSEEING, UNSEEING))
    whole, masked = read(made, seeing), read(made, unseeing)
    assert call.record.caller.raw in digits_of(whole) and not digits_of(masked)
    assert [m["topic"] for m in masked] == list(topics) and "•••" in str(masked)
    made.tell([CallChanged(1.0, msgspec.structs.replace(call, state="held"))])
    made.tell([CallEnded(2.0, call.record)])
    made.load([call], [], [])
    whole, masked = read(made, seeing), read(made, unseeing)
    assert call.record.caller.raw in digits_of(whole) and not digits_of(masked)
    assert [(m["topic"], m["type"]) for m in masked] == [(m["topic"], m["type"]) for m in whole]
    assert read(made, third)[-len(masked) :] == masked


def test_a_channel_cannot_be_asked_for_by_its_own_name() -> None:
    made = feed()
    client = watch(made, BOARD + MASKED, CALL + sample.live_calls()[0].record.id + MASKED)
    assert {m["type"] for m in read(made, client)} == {"error"}


def test_who_loses_a_phone_is_told_and_nobody_else() -> None:
    made = feed()
    agent = Actor(id="loser", name="Sara", permissions=frozenset({"desk.choose"}))
    loser = watch(made, "messages", actor=agent)
    other = watch(made, "messages", actor=msgspec.structs.replace(agent, id="other"))
    for client in (loser, other):
        read(made, client)
    made.tell([DeskTaken("loser", "202", "Reza", 1.0)])
    (told,) = read(made, loser)
    assert told["data"] == {"kind": "desk", "id": "202", "by": "Reza"}
    assert read(made, other) == []


CALLER = Actor(id="3", name="Nima", permissions=frozenset({"calls.view"}), extensions=frozenset({"299"}))


def test_that_the_log_has_news_is_told_once_a_second_and_nothing_else() -> None:
    made = feed()
    made.beat(sample.NOW)
    watchers = [watch(made, CALLS, actor=actor) for actor in (CALLER, msgspec.structs.replace(CALLER, id="4"))]
    for one in watchers:
        assert [m["type"] for m in read(made, one)] == ["snapshot"]
    for record in sample.log()[:3]:
        made.tell([CallLogged(record)])
    made.beat(sample.NOW + 1)
    for one in watchers:
        assert [(m["topic"], m["data"]) for m in read(made, one) if m["type"] == "event"] == [(CALLS, {})]
    made.beat(sample.NOW + 2)
    assert all(m["type"] == "beat" for m in read(made, watchers[0]))


def test_news_of_the_log_is_for_who_may_see_calls() -> None:
    for permission in ("calls.view", "calls.view_team", "calls.view_all"):
        assert allowed(msgspec.structs.replace(SEEING, permissions=frozenset({permission})), CALLS)
    assert not allowed(LEAD, CALLS) and not allowed(NOBODY, CALLS)


def test_names_of_users_reach_the_board() -> None:
    made = feed()
    client = watch(made, BOARD)
    read(made, client)
    made.tell([PeopleAtPhones({"205": "Sara"})])
    (told,) = read(made, client)
    assert told["data"]["agents"]["main/205"]["name"] == "Sara"


def agent(name: str, *more: str) -> Actor:
    return Actor(id=name, name=name, permissions=frozenset({"desk.use", *more}))


def desk_of(people: dict[str, str]) -> Feed:
    """Nobody is on the phone; people (user -> extension) are at theirs."""
    made = Feed(Board(lambda number, raw: raw or number or "", local_day), frame=lambda m: m + b"\n")
    made.tell([PeopleAtPhones({}, tuple(Place(user, user, (ext,)) for user, ext in people.items()))])
    return made


def test_a_card_goes_to_its_user_and_to_nobody_else() -> None:
    made = desk_of({f"u{n}": str(n) for n in range(1000, 2000)} | {"sina": "201"})
    others = [watch(made, POPS, actor=agent(f"u{n}", "numbers.view")) for n in range(1000, 2000)]
    mine = [watch(made, POPS, actor=agent("sina", "numbers.view")) for _ in range(2)]
    for client in (*others, *mine):
        (snapshot,) = read(made, client)
        assert snapshot["topic"] == POPS and snapshot["data"] == {"pops": []}
    desk = Desk().call_in()
    made.tell(desk.tracker.take())
    for client in mine:
        (event,) = read(made, client)
        assert (event["type"], event["data"]["pop"]) == ("event", "main-1.0:sina")
    assert all(read(made, client) == [] for client in others)
    assert made.hub.published == 1


def test_who_comes_later_or_back_gets_the_cards_that_are_not_over() -> None:
    made = desk_of({"sina": "201"})
    desk = Desk().call_in()
    made.tell(desk.tracker.take())
    early = watch(made, POPS, actor=agent("sina", "numbers.view"))
    (snapshot,) = read(made, early)
    assert [card["pop"] for card in snapshot["data"]["pops"]] == ["main-1.0:sina"]
    again = made.hub.join(lambda: None, agent("sina", "numbers.view"))
    made.hub.watch(again, [POPS], {POPS: snapshot["seq"]})
    assert read(made, again) == [], "nothing was missed"
    desk.wait(3).gone("1.0", "1.1")
    made.tell(desk.tracker.take())
    late = made.hub.join(lambda: None, agent("sina", "numbers.view"))
    made.hub.watch(late, [POPS], {POPS: snapshot["seq"]})
    assert read(made, late)[0]["data"] == {"pops": []}


def test_a_slow_client_is_cut_and_gets_the_cards_as_they_are() -> None:
    made = desk_of({"sina": "201"})
    client = watch(made, POPS, actor=agent("sina", "numbers.view"))
    read(made, client)
    desk = Desk().call_in()
    for n in range(2000):
        (desk.hold if n % 2 == 0 else desk.unhold)("1.1")
        desk.wait(1)
        made.tell(desk.tracker.take())
    assert client.cut
    (snapshot,) = read(made, client)
    assert snapshot["type"] == "snapshot" and len(snapshot["data"]["pops"]) == 1


def test_who_may_not_see_numbers_sees_none_in_his_card() -> None:
    made = desk_of({"sina": "201"})
    whole, masked = watch(made, POPS, actor=agent("sina", "numbers.view")), watch(made, POPS, actor=agent("sina"))
    desk = Desk().call_in()
    made.tell(desk.tracker.take())
    for client, hidden in ((whole, False), (masked, True)):
        told = made.hub.take(client).decode()
        assert ("09121112233" in told or "989121112233" in told) is not hidden
        assert json.loads(told.splitlines()[-1])["data"]["other"]["number"] == (
            "0912•••2233" if hidden else "09121112233"
        )
    late = watch(made, POPS, actor=agent("sina"))
    assert "9121112233" not in made.hub.take(late).decode()


def test_my_own_state_is_told_to_me_alone() -> None:
    made = desk_of({})
    made.agent_snapshot = lambda user: {"state": "ready", "user": user}
    sina, elham = watch(made, AGENT, actor=agent("sina")), watch(made, AGENT, actor=agent("elham"))
    assert read(made, sina)[0]["data"] == {"state": "ready", "user": "sina"}
    read(made, elham)
    made.agent("sina", {"state": "pause"})
    assert [m["data"] for m in read(made, sina)] == [{"state": "pause"}]
    assert read(made, elham) == []


def test_what_is_said_of_a_call_comes_on_its_card() -> None:
    made = desk_of({"sina": "201"})
    client = watch(made, POPS, actor=agent("sina", "numbers.view"))
    desk = Desk().call_in()
    made.tell(desk.tracker.take())
    read(made, client)
    made.of_call("main-1.0", recording="paused")
    assert read(made, client)[0]["data"]["recording"] == "paused"


def test_after_a_gap_the_cards_are_told_anew() -> None:
    made = desk_of({"sina": "201"})
    client = watch(made, POPS, actor=agent("sina", "numbers.view"))
    desk = Desk().call_in()
    made.tell(desk.tracker.take())
    read(made, client)
    made.load([], [], [])
    assert [m["data"]["state"] for m in read(made, client)] == ["ended"]


def test_pops_and_own_state_are_for_who_works_at_a_desk() -> None:
    for topic in (POPS, AGENT):
        assert allowed(agent("sina"), topic)
        assert not allowed(SEEING, topic) and not allowed(NOBODY, topic)
        assert not allowed(agent("sina"), f"{topic} elham") and not allowed(agent("sina"), f"{topic}:elham")
