"""What differs, and nothing else; merged into what was, it makes what is."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.changes import Part, patch
from screenpop.playbacks import merge

OBJECTS = st.recursive(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 3), max_size=4),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner | st.integers(0, 3), max_size=4),
    max_leaves=8,
)


@given(OBJECTS, OBJECTS)
def test_a_patch_makes_the_one_of_the_other(before: dict[str, Any], now: dict[str, Any]) -> None:
    made = copy.deepcopy(before)
    merge(made, patch(before, now))
    assert made == now
    assert not patch(now, now)


@pytest.fixture
def held() -> dict[str, Any]:
    return {"a": {"n": 1, "who": {"name": "x", "number": "1"}}, "b": {"n": 2}}


def test_a_part_tells_each_change_once(held: dict[str, Any]) -> None:
    part = Part(lambda: held, held.get)
    assert part.build() == held
    held["a"] = {"n": 1, "who": {"name": "y"}}
    held["c"] = 5
    del held["b"]
    part.dirty.update("abc")
    assert part.patch() == {"a": {"who": {"name": "y", "number": None}}, "b": None, "c": 5}
    part.dirty.update("abc")
    assert part.patch() == {}
    assert part.told == held


def test_a_part_that_is_forgotten_holds_nothing(held: dict[str, Any]) -> None:
    part = Part(lambda: held, held.get)
    part.build()
    part.dirty.add("a")
    part.forget()
    assert (part.told, part.dirty) == ({}, set())
