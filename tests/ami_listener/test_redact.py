import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ami_listener.protocol import AmiReader
from ami_listener.redact import Redactor
from ami_listener.wanted import ONLY, SKIP
from tests.ami_listener import streams


def redacted(data: bytes, **options: bool) -> bytes:
    redactor = Redactor(**options)
    out = redactor.feed(data) + redactor.finish()
    assert len(out) == len(data)
    return out


def one(*lines: str, **options: bool) -> list[str]:
    return redacted(("\r\n".join(lines) + "\r\n\r\n").encode(), **options).decode().split("\r\n")[:-2]


DIGITS = "4111111111111111"


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        (["Event: DTMFEnd", "Digit: 5", "DurationMs: 160"], [1]),
        (["Event: DTMFBegin", "Digit: #"], [1]),
        (["Event: TestEvent", "State: DTMF", "Digit: 5", "Payload: 96"], [2]),
        (["Event: VarSet", "Variable: CARD", f"Value: {DIGITS}"], [2]),
        (["Event: VarSet", "Variable: __CARD", f"Value: {DIGITS}"], [2]),
        (["Event: VarSet", "Variable: CARD", "Value: 41\r11\n11"], [2]),
        (["Event: VarSet", "Variable: MIXMONITOR_FILENAME", "Value: /a/1795.wav"], []),
        (["Event: VarSet", "Variable: _DIALSTATUS", "Value: ANSWER"], []),
        (["Event: Newexten", "Application: NoOp", f"AppData: card={DIGITS}"], [2]),
        (["Event: Newexten", "Application: Queue", "AppData: support,,,,30"], []),
        (["Event: Cdr", "LastApplication: Set", f"LastData: A={DIGITS}", "StartTime: x"], [2]),
        (["Event: CoreShowChannel", "Application: Set", f"ApplicationData: A={DIGITS}"], [2]),
        (["Event: AGIExecEnd", "Command: GET DATA pin", "CommandId: 1", "ResultCode: 200", "Result: 49"], [1, 4]),
        (["Event: AsyncAGIExec", "CommandID: 1", f"Result: 200%20result%3D{DIGITS}"], [2]),
        (["Event: AttendedTransfer", "Result: Success"], []),
        (["Event: Hangup", f"ChanVariable: CARD={DIGITS}", "DestChanVariable(x): DIALSTATUS=BUSY"], [1]),
        (["Event: Hangup", f"ChanVariable(PJSIP/201-1): CARD={DIGITS}"], [1]),
        (["Event: Newchannel", "CallerIDNum: 09121234567", "Exten: 5000"], []),
    ],
)  # fmt: skip
def test_digits_are_overwritten_and_nothing_else(lines: list[str], changed: list[int]) -> None:
    out = one(*lines)
    assert [index for index, (before, after) in enumerate(zip(lines, out, strict=True)) if before != after] == changed
    for index in changed:
        assert not any(digit in out[index].partition(": ")[2] for digit in "123456789#")
    assert one(*lines, keep_digits=True) == lines


def test_the_digit_in_a_row_of_cel_goes_and_the_rest_of_it_stays() -> None:
    out = one("Event: CEL", "EventName: DTMF", 'Extra: {"digit":"5","duration_ms":160}')
    assert out[2] == 'Extra: {"digit":"X","duration_ms":160}'
    kept = ["Event: CEL", "EventName: BRIDGE_ENTER", 'Extra: {"bridge_id":"50b2-5"}']
    assert one(*kept) == kept


@pytest.mark.parametrize("keep_digits", [False, True])
@pytest.mark.parametrize(
    "line",
    [
        "Password: hunter2", "Secret: hunter2", "Md5Cred: hunter2", "ReceivedHash: hunter2", "AuthDigest: hunter2",
        "Line-000001-000002: secret=hunter2", "Line-000001-000003: md5_cred = hunter2",
        "Line-000002-000001: PIN=hunter2", 'JSON: {"general":{"secret":"hunter2"}}', "Secret: hunter2: x",
    ],
)  # fmt: skip
def test_passwords_go_whatever_the_profile_says(line: str, keep_digits: bool) -> None:
    out = one("Response: Success", line, "Message: x", keep_digits=keep_digits)
    assert "hunter2" not in out[1]
    assert (out[0], out[2]) == ("Response: Success", "Message: x")


def test_two_sensitive_lines_in_a_row_both_go() -> None:
    assert one("Event: AuthDetail", "Password: a", "Md5Cred: b") == ["Event: AuthDetail", "Password: X", "Md5Cred: X"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 60_000), max_size=30))
def test_a_header_cut_anywhere_by_the_network_is_redacted_all_the_same(cuts: list[int]) -> None:
    whole = streams.recorded("dtmf_ivr")
    redactor, out = Redactor(), b""
    edges = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    for start, end in itertools.pairwise(edges):
        out += redactor.feed(whole[start:end])
    assert out + redactor.finish() == redacted(whole)


def test_byte_by_byte_is_the_same_as_whole() -> None:
    whole = streams.recorded("dtmf_ivr")
    redactor = Redactor()
    assert b"".join(redactor.feed(whole[i : i + 1]) for i in range(len(whole))) == redacted(whole)


def test_no_digit_of_a_recorded_ivr_is_left() -> None:
    whole = streams.recorded("dtmf_ivr")
    out = redacted(whole)
    for message in AmiReader().feed(out):
        headers = message.headers
        assert set(headers.get("Digit", "X")) == {"X"}
        assert '"digit":"X"' in headers["Extra"] if headers.get("EventName") == "DTMF" else True
        assert (
            headers.get("Value", "X").strip("X") == "" if headers.get("Variable") in ("DIGITS", "READSTATUS") else True
        )


@pytest.mark.parametrize("name", ["queue_answered", "attended_transfer", "resync_snapshot", "did_to_voicemail"])
def test_a_redacted_stream_gives_the_same_messages_at_the_same_places(name: str) -> None:
    whole = streams.recorded(name)
    before, after = AmiReader(SKIP, ONLY).feed(whole), AmiReader(SKIP, ONLY).feed(redacted(whole))
    assert [(m.event, m.offset, list(m.headers)) for m in before] == [
        (m.event, m.offset, list(m.headers)) for m in after
    ]
    different = {
        key for a, b in zip(before, after, strict=True) for key in a.headers if a.headers[key] != b.headers[key]
    }
    assert different <= {"ApplicationData", "Data", "Digit"}


def test_an_unfinished_block_is_held_back_and_redacted_when_it_stays_so() -> None:
    redactor = Redactor()
    assert redactor.feed(b"Event: A\r\n\r\nEvent: DTMFEnd\r\nDigit: 5") == b"Event: A\r\n\r\n"
    assert redactor.finish() == b"Event: DTMFEnd\r\nDigit: X"
    assert redactor.finish() == b""


def test_a_block_without_end_is_not_held_back_for_ever() -> None:
    redactor, out = Redactor(), 0
    for _ in range(40):
        out += len(redactor.feed(b"Secret: x\r\n" * 10_000))
    assert out > 2 << 20
