"""Cursors come back as they were, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from cti.kernel.errors import InvalidError
from cti.kernel.paging import LONGEST_CURSOR, read_cursor, write_cursor


def test_there_and_back() -> None:
    cursor = write_cursor(1795338000.125, "میم ✓/?", None)
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert read_cursor(cursor, tuple[float, str, str | None]) == (1795338000.125, "میم ✓/?", None)


@pytest.mark.parametrize("cursor", ["x", "é", "\0", "W10", write_cursor("a", "b"), "A" * (LONGEST_CURSOR + 1)])
def test_others_are_refused(cursor: str) -> None:
    with pytest.raises(InvalidError, match="cursor"):
        read_cursor(cursor, tuple[float, str])
