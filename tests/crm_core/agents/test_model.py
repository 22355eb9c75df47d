"""Reasons, and which wrap-up counts for which queue."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.agents.model import OURS, QueueWrap, Reason, Rules, our_label
from cti.live.agents import NO_WRAP, WrapRule


def test_the_rule_of_a_queue() -> None:
    rules = Rules(wraps=(QueueWrap(queue="sales", seconds=None), QueueWrap(queue="*", seconds=10.0)))
    assert rules.wrap("sales").seconds is None
    assert rules.wrap("other").seconds == 10.0
    assert rules.wrap(None) == NO_WRAP
    assert Rules().wrap("any") == WrapRule()
    assert Rules(wraps=()).wrap("any") == WrapRule()


def test_labels_in_the_readers_language() -> None:
    lunch = Rules().reason("lunch")
    assert lunch is not None
    assert (lunch.label("fa"), lunch.label("en")) == ("ناهار", "Lunch")
    assert Reason(id="x", fa="فقط فارسی").label("en") == "فقط فارسی"
    assert our_label("wrap-up", "en") == "Wrap-up"
    assert {"ناهار", "Lunch", "Wrap-up"} <= Rules().labels()
    assert Rules().reason("nonsense") is None


def test_rules_are_read_back_as_they_were_written() -> None:
    rules = Rules(wraps=(QueueWrap(queue="sales", seconds=None, mandatory=True),), missed_limit=3)
    assert msgspec.json.decode(msgspec.json.encode(rules), type=Rules) == rules


@pytest.mark.parametrize("id", [one.id for one in OURS])
def test_our_reasons_have_both_languages(id: str) -> None:
    assert our_label(id, "fa") != our_label(id, "en")
