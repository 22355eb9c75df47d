"""Facts: frozen, each with its moment, each taken by the tracker."""

from __future__ import annotations

from typing import get_args

from cti.live import inventory, pbx
from cti.live.tracker import HANDLERS

FACTS = get_args(pbx.Fact)


def test_the_tracker_takes_every_fact() -> None:
    assert set(HANDLERS) == set(FACTS)


def test_every_fact_says_when_and_is_frozen() -> None:
    for fact in FACTS:
        assert fact.__struct_fields__[0] == "at"
        assert fact.__struct_config__.frozen


def test_all_that_a_module_of_facts_defines_is_a_fact_or_a_part_of_one() -> None:
    parts = {pbx.ChannelName, pbx.ListedChannel, pbx.WaitingCaller, inventory.ListedEndpoint, inventory.Mailbox}
    modules = (pbx, inventory)
    defined = {x for m in modules for x in vars(m).values() if isinstance(x, type) and x.__module__ == m.__name__}
    assert defined == {*FACTS, *parts}
