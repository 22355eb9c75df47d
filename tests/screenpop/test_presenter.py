"""What screens show: parties, paths, shapes, and nothing that a hostile name could do."""

from __future__ import annotations

import pytest

from cti.live.events import QueueMember
from cti.live.record import Caller
from screenpop import presenter
from screenpop.presenter import (
    MARKS,
    call_card,
    call_mark,
    handlers,
    member_state,
    other_party,
    party_name,
    peer_of,
    shown,
)
from tests.web import sample
from web.format import phone


def written(number: str | None, raw: str | None) -> str:
    return phone(number, raw, "IR")


def nobody(_pbx: str, _endpoint: str) -> str | None:
    return None


def named(_pbx: str, endpoint: str) -> str | None:
    return sample.AGENTS.get(peer_of(endpoint))


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("علی رضایی", "علی رضایی"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("\u2066evil\u2069", "evil"),
        ("two\r\nAction: Originate", "two Action: Originate"),
        ("tab\tand\x00null\x1b[31m", "tab and null [31m"),
        ("   ", None),
        ("\u202e", None),
        (None, None),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_text_from_outside_is_made_fit_to_show(raw: str | None, safe: str | None) -> None:
    assert shown(raw) == safe


def test_a_name_of_8_kb_is_cut() -> None:
    text = shown("آ" * 8192)
    assert text is not None
    assert len(text) == presenter.TEXT_LIMIT
    assert text.endswith("…")


@pytest.mark.parametrize(
    ("endpoint", "peer"),
    [("PJSIP/201", "201"), ("Local/201@from-queue/n", "201"), ("SIP/201", "201"), ("DAHDI/1-1", "1-1"), ("201", "201")],
)
def test_peers_of_endpoints(endpoint: str, peer: str) -> None:
    assert peer_of(endpoint) == peer


def test_a_call_is_with_the_caller_or_with_whom_we_dialled() -> None:
    inbound = sample.transferred()
    outbound = sample.outbound("2", "10:31", "203", "02166554400", 7, 164)
    assert other_party(inbound) == inbound.caller
    assert other_party(outbound).number == "+982166554400"


def test_handlers_are_who_spoke_in_order() -> None:
    assert [leg.extension for leg in handlers(sample.transferred())] == ["205", "214"]
    assert [leg.extension for leg in handlers(sample.outbound("2", "10:31", "203", "02166554400", 7, 164))] == ["203"]
    assert handlers(sample.abandoned("3", "10:28", (None, "09356120044"), "support", 108)) == ()


def test_a_card_says_who_with_whom_since_when_and_by_which_path() -> None:
    call = next(c for c in sample.live_calls() if c.record.linkedid.endswith(".905"))
    card = call_card(call, written, named)
    assert card["who"] == {"name": "حمید عابدی", "number": "0912 111 7788"}
    assert [leg["name"] for leg in card["legs"]] == ["رها کاظمی", "سینا قاسمی"]
    assert card["path"] == [
        {"kind": "queue", "text": "technical"},
        {"kind": "person", "text": "رها کاظمی"},
        {"kind": "person", "text": "سینا قاسمی"},
    ]
    assert card["mark"] == "cons"
    assert card["since"].endswith("Z")


def test_a_withheld_caller_has_neither_name_nor_number() -> None:
    call = next(c for c in sample.live_calls() if c.record.linkedid.endswith(".909"))
    assert call_card(call, written, nobody)["who"] == {}


def test_nothing_absent_is_null_in_a_card() -> None:
    """Null takes a key away in a merge patch, so a card may not hold one."""

    def values(part: object) -> list[object]:
        if isinstance(part, dict):
            return [v for value in part.values() for v in values(value)]
        if isinstance(part, list):
            return [v for value in part for v in values(value)]
        return [part]

    for call in sample.live_calls():
        assert None not in values(call_card(call, written, nobody))


@pytest.mark.parametrize(
    ("name", "raw", "shown_name"),
    [("09121734809", "09121734809", None), ("+98 912", "+98912", None), ("2 Brothers", "2", "2 Brothers"),
     (None, "1", None), ("علی", "0912", "علی"), ("", "0912", None)],
)  # fmt: skip
def test_a_number_repeated_as_the_name_is_no_name(name: str | None, raw: str, shown_name: str | None) -> None:
    assert party_name(Caller(None, raw, name)) == shown_name


def test_every_state_has_a_shape() -> None:
    for call in sample.live_calls():
        assert call_mark(call) in set(MARKS.values()) | {"cons"}


@pytest.mark.parametrize(
    ("status", "paused", "in_call", "state"),
    [
        (1, False, False, "ready"), (1, True, False, "pause"), (2, True, False, "talk"), (2, False, True, "talk"),
        (6, False, False, "ring"), (7, False, False, "ring"), (8, False, True, "talk"), (8, False, False, "hold"),
        (5, False, False, "off"), (4, True, False, "pause"), (0, False, False, "ready"), (99, False, False, "ready"),
    ],
)  # fmt: skip
def test_states_of_queue_members(status: int, paused: bool, in_call: bool, state: str) -> None:
    member = QueueMember("PJSIP/201", "x", status, paused, None, in_call, False)
    assert member_state(member) == state


@pytest.mark.parametrize("name", ["Anonymous", "anonymous", "unknown", ""])
def test_the_pbxs_word_for_withheld_is_no_name(name: str) -> None:
    assert party_name(Caller(number=None, raw=None, name=name)) is None
    assert party_name(Caller(number=None, raw="123", name="Anonymous")) == "Anonymous"
