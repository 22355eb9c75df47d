"""The books: which channels belong together, and that nothing stays in them for ever."""

from __future__ import annotations

from cti.live import events
from cti.live.board import GRACE_SECONDS
from tests.cti.live.desk import Desk, chan


def test_channels_of_one_linkedid_are_one_call() -> None:
    desk = Desk().born("1.0", "trunk").born("1.1", "201", "down").born("2.0", "202", linkedid="2.0")
    assert [c.uid for c in desk.call("1.0").channels] == ["1.0", "1.1"]
    assert [c.uid for c in desk.call("2.0").channels] == ["2.0"]


def test_a_linkedid_that_changes_makes_two_calls_one_and_the_older_id_stays() -> None:
    desk = Desk().born("1.0", "trunk").born("2.0", "202", linkedid="2.0")
    desk.tracker.take()
    desk._names["2.0"] = (chan("202"), "1.0")
    desk.state("2.0", "up")
    (merged,) = [e for e in desk.tracker.take() if isinstance(e, events.CallMerged)]
    assert (merged.gone, merged.into) == ("main-2.0", "main-1.0")
    assert desk.call("2.0") is desk.call("1.0")
    assert desk.call("1.0").linkedids == ["1.0", "2.0"]


def test_the_older_id_stays_whichever_moves() -> None:
    desk = Desk().born("1.0", "trunk").born("2.0", "202", linkedid="2.0")
    desk._names["1.0"] = (chan("trunk"), "2.0")
    desk.state("1.0", "up")
    assert desk.call("2.0").id == "main-1.0"


def test_a_merge_that_nobody_was_told_of_is_not_told() -> None:
    desk = Desk().born("1.0", "trunk").born("2.0", "202", linkedid="2.0")
    desk._names["2.0"] = (chan("202"), "1.0")
    desk.state("2.0", "up")
    assert not [e for e in desk.tracker.take() if isinstance(e, events.CallMerged)]


def test_the_halves_of_a_local_channel_find_each_other() -> None:
    desk = Desk().born("1.0", "trunk").born("1.1", "q-1;1").born("1.2", "q-1;2").born("1.3", "q-2;1")
    assert desk.channel("1.1").pair is desk.channel("1.2")
    assert desk.channel("1.2").pair is desk.channel("1.1")
    assert desk.channel("1.3").pair is None


def test_a_local_channel_is_never_a_party_even_without_its_half() -> None:
    desk = Desk()
    assert desk.board.kind(chan("q-1;1")) == "local"
    whole = chan("trunk")
    assert desk.board.kind(type(whole)("Local/201@x-1", "Local/201@x", "201@x", None, False)) == "local"


def test_technical_channels_are_no_party() -> None:
    assert Desk().board.kind(chan("CBAnn")) == "other"


def test_an_ended_call_is_kept_for_its_grace_and_then_forgotten() -> None:
    desk = Desk().call_in().gone("1.1", "1.0")
    desk.tracker.take()
    assert desk.board.channels
    desk.tracker.tick(desk.at + GRACE_SECONDS + 0.1)
    desk.tracker.take()
    assert not (desk.board.channels or desk.board.calls or desk.board.call_of("1.0"))


def test_a_call_that_goes_on_within_its_grace_is_one_call() -> None:
    desk = Desk().call_in().gone("1.1", "1.0")
    desk.tracker.take_records()
    desk.wait(1).born("1.2", "202", "down").wait(60).gone("1.2")
    found = desk.ended()
    assert (found.id, len(found.legs)) == ("main-1.0", 2)


def test_word_of_a_channel_that_has_ended_is_counted_and_changes_nothing() -> None:
    desk = Desk().call_in().asked("1.0").gone("1.1", "1.0")
    before = desk.ended()
    desk.hold("1.1").state("1.1", "ringing").enter("b", "1.0", "1.1").joins_queue("1.0")
    assert desk.tracker.oddities["word of an ended channel"] == 5
    assert desk.tracker.take_records() in ([], [before])
