"""Answers that come as lists: believed when whole, told apart by ActionID, never without end."""

from __future__ import annotations

from collections import Counter

import pytest

from ami_listener.lists import MAX_OPEN, Lists
from ami_listener.protocol import Message
from ami_listener.translate import TABLE
from ami_listener.wanted import SKIP
from cti.live import pbx

CHANNEL = {"Channel": "PJSIP/201-1", "ChannelState": "6", "Uniqueid": "1.1", "Linkedid": "1.0", "BridgeId": "b"}


class Answers:
    """A reader of lists, fed by hand."""

    def __init__(self) -> None:
        self.malformed: Counter[str] = Counter()
        self.lists = Lists(self.malformed)

    def take(self, event: str, action: str = "a", **headers: str) -> list[pbx.Fact]:
        return self.lists.take(Message(event, {"ActionID": action, **headers}, 0, 0), 100.0)


def test_a_list_becomes_one_fact_at_its_end() -> None:
    answers = Answers()
    assert answers.take("", EventList="start") == [pbx.ListBegan(100.0, "a")]
    assert answers.take("CoreShowChannel", **CHANNEL) == []
    (fact,) = answers.take("CoreShowChannelsComplete", EventList="Complete", ListItems="1")
    assert isinstance(fact, pbx.ChannelsListed)
    (item,) = fact.channels
    assert (item.uid, item.linkedid, item.state, item.bridge, item.chan.endpoint) == (
        "1.1",
        "1.0",
        "up",
        "b",
        "PJSIP/201",
    )
    assert fact.list == "a"


def test_two_lists_at_once_are_told_apart() -> None:
    answers = Answers()
    answers.take("CoreShowChannel", "a", **CHANNEL)
    answers.take("CoreShowChannel", "b", **{**CHANNEL, "Uniqueid": "2.2"})
    (one,) = answers.take("CoreShowChannelsComplete", "b", ListItems="1")
    assert [c.uid for c in one.channels] == ["2.2"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "end",
    [{"ListItems": "2"}, {"ListItems": "0"}, {"EventList": "cancelled"}, {"EventList": "Cancelled", "ListItems": "1"}],
)  # fmt: skip
def test_a_list_that_is_not_whole_is_broken(end: dict[str, str]) -> None:
    answers = Answers()
    answers.take("CoreShowChannel", **CHANNEL)
    assert answers.take("CoreShowChannelsComplete", **end) == [pbx.ListBroken(100.0, "a")]
    assert answers.malformed == {"CoreShowChannelsComplete": 1}


@pytest.mark.parametrize("header", ["Uniqueid", "Linkedid", "Channel", "ChannelState"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_a_list_with_a_broken_item_is_broken(header: str, how: str) -> None:
    answers = Answers()
    item = {k: v for k, v in CHANNEL.items() if k != header or how == "empty"}
    if how == "empty":
        item[header] = ""
    answers.take("CoreShowChannel", **item)
    (fact,) = answers.take("CoreShowChannelsComplete", ListItems="1")
    assert isinstance(fact, pbx.ListBroken) or (header, how) == ("ChannelState", "empty")


def test_an_empty_list_says_that_nothing_is_up() -> None:
    (fact,) = Answers().take("CoreShowChannelsComplete", EventList="Complete", ListItems="0")
    assert isinstance(fact, pbx.ChannelsListed)
    assert fact.channels == ()


def test_queues_members_and_those_who_wait() -> None:
    answers = Answers()
    answers.take("QueueParams", Queue="support", Calls="1")
    answers.take("QueueMember", Queue="support", Name="Ali", Location="PJSIP/201", Status="1", Paused="0")
    answers.take("QueueEntry", Queue="support", Uniqueid="1.0", Wait="30")
    (fact,) = answers.take("QueueStatusComplete", EventList="Complete", ListItems="3")
    assert isinstance(fact, pbx.QueuesListed)
    assert (fact.queues, [m.name for m in fact.members]) == (("support",), ["Ali"])
    assert fact.waiting == (pbx.WaitingCaller("1.0", "support", 70.0),)


def test_lists_that_never_end_do_not_fill_memory() -> None:
    answers = Answers()
    for n in range(10 * MAX_OPEN):
        answers.take("CoreShowChannel", f"{n}", **CHANNEL)
    assert len(answers.lists._open) == MAX_OPEN
    answers.take("", f"{10 * MAX_OPEN}", EventList="start")
    assert len(answers.lists._open) == MAX_OPEN


def test_other_listings_pass_by_and_are_closed() -> None:
    answers = Answers()
    answers.take("", EventList="start")
    assert answers.take("EndpointList") == answers.take("EndpointListComplete") == []
    assert answers.lists._open == {}


def test_no_item_of_a_list_is_passed_over_or_read_twice() -> None:
    assert not Lists.EVENTS & SKIP
    assert not (Lists.ITEMS | Lists.ENDS) & set(TABLE)
