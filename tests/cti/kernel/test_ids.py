"""Identifiers that sort by age, and ones that come out the same again."""

import uuid

from cti.kernel.ids import derived_id, new_id


def test_later_ones_sort_later_and_none_repeats() -> None:
    made = [new_id(1_795_000_000 + i / 1000) for i in range(500)]
    assert made == sorted(made)
    assert len({new_id(1_795_000_000.0) for _ in range(1000)}) == 1000


def test_they_are_uuids_of_version_7() -> None:
    made = uuid.UUID(new_id(1_795_000_000.123))
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert made.int >> 80 == 1_795_000_000_123


def test_derived_ids_are_the_same_again_and_safe_in_a_url() -> None:
    assert derived_id("main", "1795308697.0") == "main-1795308697.0"
    assert derived_id("دفتر", "a/b c") == "~62f~641~62a~631-a~2fb~20c"
