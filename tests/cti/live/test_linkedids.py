"""Older linkedids win, whatever they look like."""

from __future__ import annotations

import pytest

from cti.live.linkedids import age, created, older


def test_by_second_then_by_counter() -> None:
    ids = ["1795311061.10", "1795311061.9", "1795311060.99", "pbx-1795311059.5"]
    assert sorted(ids, key=age) == ["pbx-1795311059.5", "1795311060.99", "1795311061.9", "1795311061.10"]


def test_a_system_name_with_dashes_and_dots_is_no_part_of_the_age() -> None:
    assert age("pbx.tehran-2-1795311059.5")[:2] == (1795311059.0, 5)


@pytest.mark.parametrize("odd", ["", "x", "1.x", "x.1", "nan.1", "1e9.1", "1_0.1", "٣.1", "9" * 400 + ".1", "-1.1.1e"])
def test_what_asterisk_never_made_sorts_last(odd: str) -> None:
    assert older("1795311061.47", odd)
    assert not older(odd, "1795311061.47")
    assert created(odd) is None


def test_the_same_is_older() -> None:
    assert older("1.1", "1.1")


def test_the_second_of_creation() -> None:
    assert created("pbx-1795311059.5") == 1795311059.0
