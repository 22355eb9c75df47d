"""Texts as they are kept, and their limits. (The lists themselves are asked for in ``test_service``.)"""

from __future__ import annotations

import pytest

from crm_core.tasks.listing import text_of
from cti.kernel.errors import InvalidError


def test_a_title_is_one_line_and_a_text_keeps_its_own() -> None:
    assert text_of(" a\n b\0 ", 10, "title") == "a b"
    assert text_of(" a\r\nb ", 10, "text") == "a\nb"


def test_not_endless() -> None:
    with pytest.raises(InvalidError, match="at most 3"):
        text_of("abcd", 3, "title")
