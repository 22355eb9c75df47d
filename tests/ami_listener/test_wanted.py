from ami_listener import wanted
from ami_listener.protocol import AmiReader
from tests.ami_listener import streams

# Items of the answers to listings, and single events that no filter sees.
ANSWERS = ("Complete", "CoreShowChannel", "Status", "QueueParams", "QueueMember", "QueueEntry", "QueueSummary")
ANSWERS += ("BridgeListItem", "BridgeInfoChannel")


def recorded_events() -> dict[str, str]:
    """Event name -> its first class, over every recorded stream."""
    found: dict[str, str] = {}
    for folder in streams.folders():
        for message in AmiReader().feed(streams.raw(folder)):
            if message.event and "Privilege" in message.headers:
                found[message.event] = message.headers["Privilege"].partition(",")[0]
    return found


def test_nothing_is_both_wanted_and_unwanted_or_listed_twice() -> None:
    names = [event.name for event in wanted.WANTED]
    assert len(names) == len(set(names))
    assert len(wanted.UNWANTED) == len(set(wanted.UNWANTED))
    assert not set(names) & wanted.SKIP


def test_every_recorded_event_is_known() -> None:
    known = {event.name for event in wanted.WANTED} | wanted.SKIP
    assert [name for name in recorded_events() if name not in known and not name.endswith(ANSWERS)] == []


def test_the_classes_are_those_that_asterisk_tells() -> None:
    recorded = recorded_events()
    told = {event.name: recorded[event.name] for event in wanted.WANTED if event.name in recorded}
    assert told == {event.name: event.privilege for event in wanted.WANTED if event.name in recorded}
    assert len(told) > 30


def test_conditional_events_and_classes() -> None:
    assert wanted.ONLY["VarSet"] == ("Variable", frozenset({"MIXMONITOR_FILENAME"}))
    assert "Queue" in wanted.ONLY["Newexten"][1]
    assert wanted.READ_CLASSES == ("agent", "call", "dialplan", "dtmf", "system")
