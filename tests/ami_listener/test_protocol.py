import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ami_listener.protocol import AmiReader, BlockTooLargeError, CutShortError, Message, NotAmiError
from ami_listener.wanted import ONLY, SKIP
from tests.ami_listener import streams

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
HANGUP = b"Event: Hangup\r\nChannel: PJSIP/201-00000001\r\nUniqueid: 1.1\r\nCause: 16\r\n\r\n"
VARSET = b"Event: VarSet\r\nChannel: PJSIP/201-00000001\r\nVariable: A\r\nValue: b\r\n\r\n"


def read(data: bytes, **options) -> list[Message]:
    reader = AmiReader(**options)
    messages = reader.feed(data)
    reader.finish()
    return messages


def one(block: bytes) -> Message:
    (message,) = read(GREETING + block)
    return message


# --- framing


def test_greeting_blocks_and_their_places_in_the_stream() -> None:
    reader = AmiReader()
    messages = reader.feed(GREETING + HANGUP + VARSET)
    assert reader.version == "11.0.0"
    assert [message.event for message in messages] == ["Hangup", "VarSet"]
    assert messages[0].headers == {"Event": "Hangup", "Channel": "PJSIP/201-00000001", "Uniqueid": "1.1", "Cause": "16"}
    places = [(message.offset, message.end) for message in messages]
    assert places == [(30, 30 + len(HANGUP)), (30 + len(HANGUP), 30 + len(HANGUP) + len(VARSET))]
    assert (reader.framed, reader.parsed, reader.offset, reader.pending) == (2, 2, places[1][1], 0)


@pytest.mark.parametrize("folder", streams.folders(), ids=lambda folder: f"{folder.parent.name}/{folder.name}")
def test_every_recorded_stream_is_read_whole(folder) -> None:
    data = streams.raw(folder)
    reader = AmiReader()
    messages = reader.feed(data)
    reader.finish()
    assert reader.framed == data.count(b"\r\n\r\n") == len(messages)
    assert reader.strays == 0
    read_to = data.index(b"\n") + 1
    for message in messages:
        # Asterisk ends some answers with one empty line too many.
        assert data[read_to : message.offset] in (b"", b"\r\n")
        lines = data[message.offset : message.end - 4].decode().split("\r\n")
        assert {line.partition(": ")[0] for line in lines} == set(message.headers)
        read_to = message.end
    assert read_to == len(data)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_split_gives_the_same_messages(data) -> None:
    # Persian names, a bare LF, values with ": ", greeting and all, cut anywhere.
    stream = data.draw(st.sampled_from(SPLIT_STREAMS))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=30)))
    reader, messages = AmiReader(SKIP, ONLY), []
    for start, end in itertools.pairwise([0, *cuts, len(stream)]):
        messages += reader.feed(stream[start:end])
    whole = AmiReader(SKIP, ONLY)
    assert messages == whole.feed(stream)
    assert (reader.offset, reader.framed, reader.strays) == (whole.offset, whole.framed, whole.strays)


SPLIT_STREAMS = [
    streams.recorded("utf8_caller_name"),
    streams.recorded("park_and_retrieve"),
    GREETING
    + b"\r\n\r\n"
    + HANGUP
    + b"orphan: 1\r\nx\r\n\r\n"
    + GREETING
    + HANGUP
    + b"Response: Follows\r\nno colon\r\n\r\n",
]


def test_byte_by_byte_is_the_same_as_whole() -> None:
    data = streams.recorded("utf8_caller_name")
    reader, messages = AmiReader(SKIP, ONLY), []
    for index in range(len(data)):
        messages += reader.feed(data[index : index + 1])
    assert messages == read(data, skip=SKIP, only=ONLY)


@given(st.binary(max_size=400), st.integers(1, 20))
def test_no_bytes_at_all_raise_anything_but_a_protocol_error(noise: bytes, step: int) -> None:
    reader = AmiReader(SKIP, ONLY, limit=100)
    try:
        reader.feed(GREETING)
        for start in range(0, len(noise), step):
            reader.feed(noise[start : start + step])
        reader.finish()
    except (BlockTooLargeError, CutShortError):
        pass


def test_a_letter_cut_in_two_by_the_network_arrives_whole() -> None:
    block = "Event: Newchannel\r\nCallerIDName: علی رضایی\r\n\r\n".encode()
    for cut in range(len(block)):
        reader = AmiReader(expect_greeting=False)
        messages = reader.feed(block[:cut]) + reader.feed(block[cut:])
        assert [message.headers["CallerIDName"] for message in messages] == ["علی رضایی"]


# --- what is wanted


def test_unwanted_events_are_framed_but_not_parsed() -> None:
    reader = AmiReader(frozenset({"VarSet"}))
    assert [message.event for message in reader.feed(GREETING + VARSET * 3 + HANGUP)] == ["Hangup"]
    assert (reader.framed, reader.parsed) == (4, 1)


def test_an_event_may_be_wanted_for_one_headers_value_only() -> None:
    def exten(application: bytes) -> bytes:
        return b"Event: Newexten\r\nAppData: Application: Queue\r\nApplication: " + application + b"\r\nX: y\r\n\r\n"

    rules = {"Newexten": ("Application", frozenset({"Queue", "VoiceMail"}))}
    data = GREETING + exten(b"Set") + exten(b"Queue") + exten(b"QueueX") + b"Event: Newexten\r\nX: y\r\n\r\n"
    messages = read(data, only=rules)
    assert [message.headers["Application"] for message in messages] == ["Queue"]


def test_a_response_is_never_skipped() -> None:
    (message,) = read(GREETING + b"Response: Success\r\nActionID: 7\r\nEvent: VarSet\r\n\r\n", skip=SKIP)
    assert (message.event, message.headers["ActionID"]) == ("", "7")


def test_what_the_product_skips_of_a_real_stream_is_most_of_it() -> None:
    data = streams.recorded("burst_50_concurrent")
    reader = AmiReader(SKIP, ONLY)
    wanted = [message.event for message in reader.feed(data)]
    everything = [message.event for message in read(data)]
    always = [event for event in everything if event not in SKIP and event not in ONLY]
    assert [event for event in wanted if event not in ONLY] == always
    assert len(wanted) < len(everything) / 3
    assert {"Newchannel", "Hangup", "BridgeEnter", "DialBegin"} <= set(wanted)


# --- values


def test_values_with_colons_and_bare_line_feeds_are_kept() -> None:
    message = one(b"Event: X\r\nA: ::1\r\nB: sip: me: you\r\nC: line one\nline two\r\nD: \r\nE:\r\n\r\n")
    assert message.headers == {
        "Event": "X",
        "A": "::1",
        "B": "sip: me: you",
        "C": "line one\nline two",
        "D": "",
        "E": "",
    }


def test_the_answer_to_park_has_a_line_feed_inside() -> None:
    message = one(b"Response: Success\r\nActionID: cap-2\r\nMessage: Park successful\n\r\n\r\n")
    assert message.headers["Message"] == "Park successful\n"


def test_repeated_headers_are_lists_where_asterisk_repeats_them() -> None:
    message = one(
        b"Event: Hangup\r\nChanVariable: A=1\r\nChanVariable: B=2\r\nChanVariable: C=3\r\nDestChanVariable: D=4\r\n\r\n"
    )
    assert message.values("ChanVariable") == ["A=1", "B=2", "C=3"]
    assert message.values("DestChanVariable") == ["D=4"]
    assert message.values("None") == []
    assert message.headers["ChanVariable"] == "A=1"
    assert message.doubled == ()
    output = one(b"Response: Success\r\nOutput: one\r\nOutput: two\r\n\r\n")
    assert output.values("Output") == ["one", "two"]


def test_invalid_utf8_is_replaced_never_raised() -> None:
    assert one(b"Event: X\r\nCallerIDName: \xff\xfe Ali\r\n\r\n").headers["CallerIDName"] == "�� Ali"


def test_a_line_that_is_no_header_belongs_to_the_value_before_it() -> None:
    message = one(b"Event: X\r\nCallerIDName: evil\r\nno header\r\nnor this\r\nUniqueid: 1\r\n\r\n")
    assert message.headers == {"Event": "X", "CallerIDName": "evil\r\nno header\r\nnor this", "Uniqueid": "1"}


# --- forgery


def test_a_header_injected_through_a_name_is_named_and_does_not_win() -> None:
    message = one(
        b"Event: Newchannel\r\nChannel: PJSIP/trunk-1\r\nCallerIDName: x\r\nChannel: PJSIP/999-1\r\nEvent: Hangup\r\n"
        b"Uniqueid: forged\r\nExten: 5000\r\nUniqueid: 1.1\r\n\r\n"
    )
    assert message.event == "Newchannel"
    assert (message.headers["Channel"], message.headers["Uniqueid"]) == ("PJSIP/trunk-1", "1.1")
    assert message.doubled == ("Channel", "Event", "Uniqueid")


def test_the_remains_of_a_block_cut_by_a_forged_one_are_counted_as_stray() -> None:
    reader = AmiReader()
    messages = reader.feed(
        GREETING
        + b"Event: Newchannel\r\nCallerIDName: x\r\n\r\n"
        + b"Event: Hangup\r\nUniqueid: 1.1\r\n\r\n"  # not to be told from a real one
        + b"ConnectedLineNum: 1\r\nUniqueid: 2.2\r\n\r\n"
        + HANGUP
    )
    assert [message.event for message in messages] == ["Newchannel", "Hangup", "Hangup"]
    assert reader.strays == 1


@pytest.mark.parametrize("first", [b"Event", b"Response", b"Event:", b"Events: x"])
def test_a_block_that_only_seems_to_begin_as_one_is_a_stray(first: bytes) -> None:
    reader = AmiReader()
    messages = reader.feed(GREETING + first + b"\r\nUniqueid: 1.1\r\n\r\n" + HANGUP)
    assert [message.event for message in messages] == ["Hangup"]
    assert reader.strays == 1


# --- errors


@pytest.mark.parametrize(
    "hello", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01", b"A" * 300]
)
def test_what_does_not_greet_like_asterisk_is_no_ami_port(hello: bytes) -> None:
    reader = AmiReader()
    with pytest.raises(NotAmiError, match="not an Asterisk manager port"):
        for index in range(len(hello)):
            reader.feed(hello[index : index + 1])
    with pytest.raises(NotAmiError):
        reader.feed(GREETING)


def test_a_greeting_without_end_is_refused() -> None:
    with pytest.raises(NotAmiError):
        AmiReader().feed(b"Asterisk Call Manager/" + b"1" * 300)


def test_a_stream_may_begin_at_a_block_when_told_so() -> None:
    (message,) = read(HANGUP, expect_greeting=False, offset=1000)
    assert (message.offset, message.end) == (1000, 1000 + len(HANGUP))


def test_streams_of_several_connections_in_one_file() -> None:
    reader = AmiReader()
    data = GREETING + HANGUP + b"Asterisk Call Manager/5.0.4\r\n" + HANGUP
    messages = reader.feed(data)
    assert [message.event for message in messages] == ["Hangup", "Hangup"]
    assert reader.version == "5.0.4"
    assert [message.greeted for message in messages] == [False, True]
    assert data[messages[1].offset : messages[1].end] == HANGUP


def test_many_greetings_in_a_row_do_no_harm() -> None:
    reader = AmiReader()
    assert reader.feed(GREETING * 30_000 + b"\r\n\r\n" + HANGUP)[0].event == "Hangup"


@pytest.mark.parametrize("step", [1, 7, 10_000])
@pytest.mark.parametrize(("size", "fits"), [(200, True), (201, False)])
def test_the_size_limit_is_exact_however_the_stream_is_cut(step: int, size: int, fits: bool) -> None:
    big = b"Event: X\r\nA: ".ljust(size, b"a") + b"\r\n\r\n"
    data = GREETING + HANGUP + big + HANGUP
    reader, messages = AmiReader(limit=200), []
    try:
        for start in range(0, len(data), step):
            messages += reader.feed(data[start : start + step])
        reader.finish()
        failed = None
    except BlockTooLargeError as error:
        failed = error
    if fits:
        assert failed is None
        assert len(messages) == 3
    else:
        assert failed is not None
        assert failed.offset == len(GREETING + HANGUP)
        assert "at byte 102" in str(failed)
        assert len(messages) == 1


def test_an_end_inside_a_block_is_told_with_its_offset() -> None:
    reader = AmiReader()
    reader.feed(GREETING + HANGUP + VARSET[:20])
    with pytest.raises(CutShortError) as caught:
        reader.finish()
    assert caught.value.offset == len(GREETING + HANGUP)


def test_a_mebibyte_of_one_block_byte_by_byte_takes_no_quadratic_time() -> None:
    reader = AmiReader(expect_greeting=False)
    block = b"Event: X\r\nA: " + b"a" * 300_000
    for index in range(len(block)):
        reader.feed(block[index : index + 1])
    assert len(reader.feed(b"\r\n\r\n")) == 1
