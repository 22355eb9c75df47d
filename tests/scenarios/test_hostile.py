"""What a stream says that is not so, by malice or damage: shown as text, counted, never believed of another call."""

from __future__ import annotations

import random
import re
from functools import cache, partial

import pytest

from ami_listener.replay import Replay, replay
from ami_listener.translate import TABLE
from cti.live.record import CallRecord
from tests.scenarios import recorded
from tests.scenarios.mixing import (
    beside,
    changed,
    events_only,
    flipped,
    headers_of,
    mixed,
    named_blocks,
    with_value,
    without,
)
from tests.scenarios.recorded import event_of

SMALL = [s for s in recorded.SCENARIOS if not s.endswith("burst_50_concurrent")]
WITNESSES = (
    "lab-22/attended_transfer_by_keys",
    "lab-22/fp_queue_fails_over",
    "lab-22/click_then_transfer",
    "asterisk-22/queue_first_agent_ignores",
    "asterisk-16/park_and_retrieve",
    "lab-22/pickup_from_queue",
)
"""Calls in which nothing is changed, beside one in which much is."""
LISTED = (
    "CoreShowChannel",
    "CoreShowChannelsComplete",
    "QueueEntry",
    "QueueMember",
    "QueueParams",
    "QueueStatusComplete",
)
TELLING = frozenset(
    # Headers that may be missing: what they say is then unknown, and the call is right in all else.
    (b"Application", b"ApplicationData", b"BridgeId", b"CallerIDName", b"CallerIDNum", b"DestBridgeUniqueid", b"Exten",
     b"Extension", b"ParkerDialString", b"ParkingSpace", b"RetrieverUniqueid", b"Variable", b"Wait", b"Cause",
     b"Channel")
)  # fmt: skip


@cache
def untouched(scenario: str) -> list[CallRecord]:
    return replay([b"".join(events_only(recorded.raw(scenario)))], recorded.profile(scenario))


@pytest.mark.parametrize("seed", range(28))
def test_ten_thousand_broken_messages_harm_their_own_call_alone(seed: int) -> None:
    """28 runs of 250 to 800 broken messages each; in every one another call is right to the last digit."""
    rng = random.Random(seed)
    witness = WITNESSES[seed % len(WITNESSES)]
    broken = 0
    for victim in rng.sample([s for s in SMALL if s != witness], 8):
        stream = beside(recorded.raw(victim), recorded.raw(witness))
        hurt = [flipped(block, rng) if rng.random() < 0.4 else block for block in events_only(stream)]
        broken += sum(a != b for a, b in zip(hurt, events_only(stream), strict=True))
        run = Replay(recorded.profile(witness))
        run.feed(mixed(hurt, events_only(recorded.raw(witness))))
        found = {record.id: record for record in run.finish()}
        for record in untouched(witness):
            assert found[record.id] == record
    assert broken > 360, "28 runs make ten thousand"


@cache
def scenarios_of(event: str) -> list[str]:
    """The first and the last recorded stream in which the event occurs."""
    having = [s for s in SMALL if any(name == event.encode() for name, _ in named_blocks(s))]
    return [*having[:1], *having[-1:]]


def names_in(scenario: str, event: str) -> list[bytes]:
    return sorted({n for e, block in named_blocks(scenario) if e == event.encode() for n in headers_of(block)})


NEVER_RECORDED = {"Rename", "Shutdown", "ParkedCallGiveUp", "MessageWaiting"}


@pytest.mark.parametrize("event", sorted({*TABLE, *LISTED} - NEVER_RECORDED))
def test_a_missing_header_is_counted_where_it_matters(event: str) -> None:
    for scenario in scenarios_of(event):
        right = replay([changed(scenario, event, bytes)], recorded.profile(scenario))
        for name in names_in(scenario, event):
            run = Replay(recorded.profile(scenario))
            run.feed(changed(scenario, event, partial(without, name)))
            records = run.finish()
            counted = sum(run.translator.malformed.values()) + sum(run.tracker.oddities.values())
            assert records == right or counted or name in TELLING, name


@pytest.mark.parametrize("event", sorted({*TABLE} - NEVER_RECORDED))
@pytest.mark.parametrize(
    "value", [b"", b"\xff\xfe", b"nan", b"9" * 5000, b"\xd9\xa3"], ids=lambda value: repr(value)[:9]
)
def test_a_header_that_says_nonsense_never_raises(event: str, value: bytes) -> None:
    scenario = scenarios_of(event)[0]
    for name in names_in(scenario, event):
        run = Replay(recorded.profile(scenario))
        run.feed(changed(scenario, event, partial(with_value, name, value)))
        for record in run.finish():
            assert record.talk_seconds >= 0
            assert record.wait_seconds is None or record.wait_seconds >= 0


NAMES = {
    'O"Neil': rb"O\"Neil",
    "<script>alert(1)</script>": b"<script>alert(1)</script>",
    "{{ 7*7 }} ${SHELL(id)} %0d%0a": b"{{ 7*7 }} ${SHELL(id)} %0d%0a",
    "a b": rb"a\r\nb",
    "x  Event: Hangup Uniqueid: 1795311061.47": rb"x\r\n\r\nEvent: Hangup\r\nUniqueid: 1795311061.47",
    "\\": rb"\\",
    "Event: Hangup": b"Event: Hangup",
    "علی رضایی‌نژاد": "علی رضایی‌نژاد".encode(),
    "ab\ufffd\ufffd": b"ab\xff\xfe",
    "n" * 8192: b"n" * 8192,
    ": : =": b": : =",
}


@pytest.mark.parametrize("shown", NAMES, ids=lambda name: name[:12])
def test_a_name_is_text_and_nothing_else(shown: str) -> None:
    scenario = "lab-22/hostile_name"
    stream = recorded.raw(scenario)
    before = replay([stream], recorded.profile(scenario))
    own = re.search(rb"\r\nCallerIDName: (x[^\r]*)", stream)
    assert own is not None
    after = replay([stream.replace(own.group(1), NAMES[shown])], recorded.profile(scenario))
    assert [record.caller.name and " ".join(record.caller.name.split()) for record in after] == [
        " ".join(shown.split())
    ]
    for old, new in zip(before, after, strict=True):
        assert (new.talk_seconds, new.legs, new.outcome) == (old.talk_seconds, old.legs, old.outcome)


@pytest.mark.parametrize("header", [b"Uniqueid", b"Linkedid", b"Channel", b"Timestamp", b"Event", b"BridgeUniqueid"])
def test_a_header_put_into_a_name_does_not_move_another_call(header: bytes) -> None:
    """A broken PBX that lets a CR LF of the caller through: the name adds a header to its own block."""
    witness = recorded.raw(WITNESSES[0])
    victim = beside(recorded.raw("lab-22/hostile_name"), witness)
    stolen = re.search(rb"\r\n" + header + rb": ([^\r]*)", events_only(witness)[-1] + witness)
    assert stolen is not None
    forged = re.sub(rb"(\r\nCallerIDName: )x[^\r]*", rb"\1x\r\n%b: %b" % (header, stolen.group(1)), victim)
    run = Replay(recorded.profile(WITNESSES[0]))
    run.feed(mixed(events_only(forged), events_only(witness)))
    found = {record.id: record for record in run.finish()}
    for record in untouched(WITNESSES[0]):
        assert found[record.id] == record


@pytest.mark.parametrize(
    "number",
    [
        b"",
        b"anonymous",
        b"+",
        b"00",
        b"alice",
        b"0912'; DROP TABLE",
        b"9" * 200,
        b"\xd9\xa0" * 9,
        b"\x00\x01",
        b"+98 abc",
    ],
)
def test_a_number_that_is_none_has_no_e164(number: bytes) -> None:
    scenario = "lab-22/hostile_name"
    stream = recorded.raw(scenario).replace(b"09121000101", number)
    (record,) = replay([stream], recorded.profile(scenario))
    assert record.caller.number is None
    assert record.outcome == "answered"


def test_forged_linkedids_have_an_end() -> None:
    scenario = "lab-22/hold_to_the_end"
    head, tail = _halves(recorded.raw(scenario), b"Hold")
    block = next(b for b in events_only(recorded.raw(scenario)) if event_of(b) == b"Newstate")
    forged = b"".join(
        re.sub(rb"\r\nLinkedid: [^\r]*", b"\r\nLinkedid: 1999999999.%d" % n, block) for n in range(20_000)
    )
    run = Replay(recorded.profile(scenario))
    run.feed(head + forged + tail)
    records = run.finish()
    assert run.tracker.oddities["more linkedids than a call can have"] > 18_000
    assert len(records) == 1
    assert len(records[0].linkedids) <= 1000
    assert records[0].talk_seconds == replay([recorded.raw(scenario)], recorded.profile(scenario))[0].talk_seconds


def test_made_up_channels_queues_and_events_have_an_end() -> None:
    run = Replay(recorded.profile())
    head = b"Privilege: call,all\r\nTimestamp: 1795311061.0\r\n"
    for n in range(102_000):
        run.feed(
            b"Event: Newchannel\r\n" + head + b"Channel: PJSIP/x%d-1\r\nChannelState: 4\r\nUniqueid: 1795311061.%d\r\n"
            b"Linkedid: 1795311061.%d\r\n\r\nEvent: QueueCallerLeave\r\n" % (n, n, n) + head
            + b"Channel: PJSIP/x-1\r\nUniqueid: 7.%d\r\nLinkedid: 7.1\r\nQueue: q%d\r\nCount: %d\r\n\r\n"
            b"Event: Made%d\r\nA: b\r\n\r\n" % (n, n, n, n)
        )  # fmt: skip
    board = run.tracker.board
    assert len(board.channels) <= 100_000
    assert len(board.calls) <= 100_000
    assert len(run.tracker.queues()) <= 10_000
    assert len(run.translator.unknown) <= 501
    assert board.oddities["more channels than can be"] >= 2000
    assert run.tracker.take_records() == []


def _halves(stream: bytes, event: bytes) -> tuple[bytes, bytes]:
    parts = recorded.blocks(stream)
    at = next(n for n, block in enumerate(parts) if event_of(block) == event)
    return b"".join(parts[:at]), b"".join(parts[at:])
