import re

import pytest

from ami_listener import filters, wanted
from ami_listener.encode import encode
from ami_listener.protocol import AmiReader
from tests.ami_listener import streams


@pytest.mark.parametrize(
    ("version", "advanced"),
    [
        ("18.25.0", False), ("18.26.0", True), ("20.10.1", False), ("20.11.0", True), ("21.5.0", False),
        ("21.6.0", True), ("22.0.0", False), ("22.1.0", True), ("22.10.1~dfsg+~cs6.16", True), ("23.0.0", True),
        ("16.28.0~dfsg-0+deb11u4", False), ("13.38.3", False), ("certified/18.9-cert14", False), ("GIT-master", False),
    ],
)  # fmt: skip
def test_which_asterisk_knows_advanced_filters(version: str, advanced: bool) -> None:
    assert filters.knows_advanced(version) is advanced


def test_every_wanted_event_is_included_once_in_the_advanced_form() -> None:
    lines = [f"{criteria}={expression}" for criteria, expression in filters.advanced()]
    assert len(lines) == len(set(lines))
    assert "action(include),name(Newchannel)=" in lines
    assert "action(include),name(VarSet),header(Variable),method(exact)=MIXMONITOR_FILENAME" in lines
    named = {re.search(r"name\((\w+)\)", line)[1] for line in lines}
    assert named == {event.name for event in wanted.WANTED}


def test_the_legacy_form_lets_through_exactly_what_the_reader_reads() -> None:
    patterns = [re.compile(text.replace("[[:cntrl:]]", r"[\x00-\x1f]"), re.DOTALL) for text in filters.legacy()]
    data = streams.recorded("queue_answered") + streams.recorded("dtmf_ivr") + streams.recorded("conference_three")
    known = {event.name for event in wanted.WANTED} | wanted.SKIP
    read = {message.offset for message in AmiReader(wanted.SKIP, wanted.ONLY).feed(data) if message.event in known}
    passed = set()
    for message in AmiReader().feed(data):
        if any(pattern.search(data[message.offset : message.end].decode()) for pattern in patterns):
            passed.add(message.offset)
    assert passed == read
    assert len(passed) > 50


def test_every_filter_fits_into_a_line_of_an_action() -> None:
    for expression in filters.legacy():
        assert encode([("Filter", expression)])


def test_many_names_are_spread_over_several_expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "PATTERN_LIMIT", 100)
    split = [text for text in filters.legacy() if text.startswith("^Event: (")]
    assert len(split) > 3
    names = [name for text in split for name in text[9:].partition(")")[0].split("|")]
    assert names == [event.name for event in wanted.WANTED if not event.header]
