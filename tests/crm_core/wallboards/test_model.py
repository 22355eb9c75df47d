"""What a wallboard may be told."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.wallboards.model import Shown


def test_a_board_is_dark_persian_and_of_all_queues_unless_told_otherwise() -> None:
    shown = msgspec.convert({"name": "تالار"}, Shown)
    assert (shown.kind, shown.queues, shown.nameless) == ("queues", (), False)
    assert (shown.language, shown.theme) == ("fa", "dark")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "x", "kind": "calls"},
        {"name": "x", "queues": ["q"] * 51},
        {"name": "x", "target": 101},
        {"name": "x", "wait_bad": -1},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Shown)
