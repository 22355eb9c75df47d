"""The call log's address: read, told when it cannot be, and written again."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.web.sample import NOW
from tests.web.test_format import formats
from web.filters import Asked, read


def asked(**query: str) -> Asked:
    return read(query, formats("fa"), NOW)


def test_every_field_narrows() -> None:
    fields = {"number": "۰۹۱۲ ۳۴۵", "queue": "support", "agent": "۲۰۵", "outcome": "abandoned", "direction": "inbound"}
    wanted = read({**fields, "from": "۱۴۰۵/۰۹/۰۱", "to": "1405/09/01", "min": "۳۰"}, formats("fa"), NOW).wanted
    assert (wanted.number, wanted.queue, wanted.agent) == ("۰۹۱۲ ۳۴۵", "support", "205")
    assert (wanted.outcome, wanted.direction, wanted.min_seconds) == ("abandoned", "inbound", 30.0)
    assert wanted.start is not None
    assert wanted.end == wanted.start + 86400


@pytest.mark.parametrize(
    ("name", "text"),
    [("number", "12"), ("number", "علی"), ("from", "soon"), ("to", "1405/13/1"), ("outcome", "won"),
     ("direction", "up"), ("min", "ten"), ("min", "-1")],
)  # fmt: skip
def test_what_cannot_be_read_narrows_nothing_and_is_said(name: str, text: str) -> None:
    found = read({"from": "", name: text}, formats("fa"), NOW)
    assert list(found.problems) == [name]
    assert found.wanted == read({"from": ""}, formats("fa"), NOW).wanted


def test_the_list_begins_with_the_last_week_unless_another_span_or_a_number_is_asked_for() -> None:
    assert asked().typed == {"from": "۱۴۰۵/۰۸/۲۵"}
    assert asked(number="0912345").wanted.start is None
    assert read({"from": ""}, formats("fa"), NOW).wanted.start is None


def test_links_keep_the_other_fields() -> None:
    link = asked(queue="support", outcome="busy").link({"outcome": "answered", "queue": None})
    assert parse_qs(urlsplit(link).query) == {"from": ["۱۴۰۵/۰۸/۲۵"], "outcome": ["answered"]}


def test_a_span_that_was_taken_away_stays_away() -> None:
    link = asked(queue="support").link({"from": None})
    query = parse_qs(urlsplit(link).query, keep_blank_values=True)
    assert query == {"queue": ["support"], "from": [""]}
    again = read({"queue": "support", "from": ""}, formats("fa"), NOW)
    assert again.wanted.start is None


def test_only_the_span_is_no_narrowing() -> None:
    assert not asked().narrowed
    assert asked(queue="sales").narrowed


def test_a_hostile_value_is_cut() -> None:
    assert len(asked(queue="x" * 9000).typed["queue"]) == 80
