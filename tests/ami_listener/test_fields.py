"""Single headers: what a person chose is text, what the PBX counts is a number, what must be there is."""

from __future__ import annotations

import pytest

from ami_listener.fields import device_state, errand, member, named, number, text, whole


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Bahar", "Bahar"), ("علی رضایی‌نژاد", "علی رضایی‌نژاد"), ("<unknown>", ""), ("unknown", ""), ("", ""),
        (r"O\"Neil", 'O"Neil'), (r"a\r\nEvent: Hangup", "a Event: Hangup"), (r"\\", "\\"), ("a\x00b", "a b"),
        ("<script>", "<script>"), ("a\x1b[31mb", "a [31mb"), ("a\tb", "a\tb"),
    ],
)  # fmt: skip
def test_text(raw: str, shown: str) -> None:
    assert text({"CallerIDName": raw}, "CallerIDName") == shown


def test_a_number_is_as_the_pbx_has_it() -> None:
    headers = {"a": "0912", "b": "<unknown>", "c": "<none>", "d": "09\x0012"}
    assert [number(headers, key) for key in "abcde"] == ["0912", "", "", "09 12", ""]


@pytest.mark.parametrize(
    ("raw", "value"),
    [("7", 7), ("-1", -1), ("", 5), ("x", 5), ("9" * 5000, 5), ("99999999999", 5), ("1.5", 5), ("nan", 5)],
)  # fmt: skip
def test_whole(raw: str, value: int) -> None:
    assert whole({"Count": raw}, "Count", 5) == value
    assert whole({}, "Count", 5) == 5


@pytest.mark.parametrize("headers", [{}, {"Uniqueid": ""}])
def test_what_must_be_there(headers: dict[str, str]) -> None:
    with pytest.raises(KeyError):
        named(headers, "Uniqueid")


def test_a_member_out_of_an_event_and_out_of_a_list() -> None:
    event = {"Queue": "q", "MemberName": "Ali", "Interface": "PJSIP/201", "Status": "2", "Paused": "1", "InCall": "1",
             "PausedReason": "lunch", "Membership": "dynamic"}  # fmt: skip
    item = {"Queue": "q", "Name": "Ali", "Location": "PJSIP/201", "Status": "2", "Paused": "1", "InCall": "1",
            "PausedReason": "lunch", "Membership": "dynamic"}  # fmt: skip
    found = member(event, 1.0)
    assert found == member(item, 1.0)
    assert (found.interface, found.name, found.status, found.paused, found.paused_reason) == (
        "PJSIP/201", "Ali", 2, True, "lunch",
    )  # fmt: skip
    assert (found.in_call, found.dynamic, found.removed) == (True, True, False)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("NOT_INUSE", "idle"), ("Not in use", "idle"), ("In use", "used"), ("Ring+Inuse", "used"), ("On Hold", "used"),
        ("Unavailable", "unreachable"), ("INVALID", "unreachable"), ("UNKNOWN", "unknown"),
        ("", "unknown"), ("Zzz", "unknown"),
    ],
)  # fmt: skip
def test_a_state_of_a_device(word: str, state: str) -> None:
    assert device_state(word) == state


def test_which_of_our_contexts_a_channel_is_in() -> None:
    assert errand({"Context": "tamas-hold"}) == "hold"
    assert errand({"Context": "tamas-of-somebody-else"}) == ""
    assert errand({"Context": "internal"}) == ""
    assert errand({}) == ""
