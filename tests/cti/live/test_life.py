"""How channels come, are dialled, answer and go."""

from __future__ import annotations

import pytest

from cti.live import pbx
from cti.live.life import dialled_number
from tests.cti.live.desk import T0, Desk


@pytest.mark.parametrize(
    ("dial_string", "number"),
    [("09121112233@trunk", "09121112233"), ("trunk/09121112233", "09121112233"), ("g1/09121112233", "09121112233"),
     ("i1/g2/0912@x", "0912"), ("", None), ("@trunk", None)],
)  # fmt: skip
def test_the_number_in_a_dial_string(dial_string: str, number: str | None) -> None:
    assert dialled_number(dial_string) == number


def test_what_the_device_asked_for_was_dialled() -> None:
    assert Desk().born("1.0", "201", exten="0912").call().dialled == "0912"


@pytest.mark.parametrize("exten", ["", "s", "h", "t", "<unknown>"])
def test_the_dialplans_own_extensions_are_nothing_that_a_person_dials(exten: str) -> None:
    assert Desk().born("1.0", "trunk", exten=exten).call().dialled is None


def test_a_number_that_the_dialplan_rewrites_does_not_change_who_called() -> None:
    desk = Desk().born("1.0", "trunk", number="0912", name="Bahar")
    desk.say(pbx.CallerIdentified(desk.at, *desk._of("1.0"), "201", "Agent 201"))
    assert (desk.channel("1.0").number, desk.channel("1.0").caller_name) == ("0912", "Agent 201")


def test_a_number_that_comes_late_is_taken() -> None:
    desk = Desk().born("1.0", "trunk")
    desk.say(pbx.CallerIdentified(desk.at, *desk._of("1.0"), "0912", ""))
    assert desk.channel("1.0").number == "0912"


def test_a_channel_rings_from_its_birth() -> None:
    desk = Desk().born("1.0", "trunk").born("1.1", "201", "down").wait(2)
    desk.state("1.1", "ringing")
    assert desk.channel("1.1").spans[0].start == T0


def test_the_first_word_on_a_dial_is_right() -> None:
    """A queue says CANCEL after NOANSWER."""
    desk = Desk().born("1.0", "trunk").dial("1.0", "1.1", "201").dialled("1.1", "noanswer").dialled("1.1", "cancel")
    assert desk.channel("1.1").outcome == "noanswer"


def test_the_dial_of_an_unknown_channel_is_counted() -> None:
    assert Desk().dialled("9.9", "busy").tracker.oddities == {"the dial of an unknown channel ended": 1}


def test_a_channel_born_twice_is_counted_and_dead_all_the_same() -> None:
    desk = Desk().born("1.0", "trunk").gone("1.0").born("1.0", "trunk")
    assert desk.tracker.oddities == {"a channel was born twice": 1}
    assert desk.tracker.snapshot() == []


@pytest.mark.parametrize("fact", ["asked", "gone", "leave", "caller"])
def test_what_comes_at_a_channels_end_calls_none_into_being(fact: str) -> None:
    desk = Desk().born("1.0", "201")
    desk._names["9.9"] = (desk._names["1.0"][0], "9.9")
    if fact == "leave":
        desk.leave("b", "9.9")
    elif fact == "caller":
        desk.say(pbx.CallerIdentified(desk.at, *desk._of("9.9"), "1", "x"))
    else:
        getattr(desk, fact)("9.9")
    assert "9.9" not in desk.board.channels


def test_a_queue_visit_ends_with_its_caller() -> None:
    desk = Desk().born("1.0", "trunk").joins_queue("1.0").wait(7)
    assert desk.asked("1.0").gone("1.0").ended().queue_waits[0].seconds == 7


def test_a_call_ends_with_its_last_channel() -> None:
    desk = Desk().call_in().gone("1.0")
    assert desk.tracker.take_records() == []
    assert desk.gone("1.1").ended().id == "main-1.0"


def test_hung_up_from_the_screen_it_was_whoever_sits_there() -> None:
    desk = Desk().call_in().leave("b", "1.1", "1.0").gone("1.1", cause=31).gone("1.0")
    assert desk.ended().hung_up_by == "agent"
    desk = Desk().call_in().leave("b", "1.0", "1.1").gone("1.0", cause=31).gone("1.1")
    assert desk.ended().hung_up_by == "system"  # a cause that a line may give too
