"""What is kept of a change, and what is shown of it."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.audit.detail import LONGEST_TEXT, changes, clean, encoded, masked


def test_changes_are_before_and_after() -> None:
    before, after = {"name": "Sara", "tier": "", "city": "Qom"}, {"name": "Sara", "tier": "vip", "tags": ["a"]}
    assert changes(before, after) == {"changed": {"tier": ["", "vip"], "city": ["Qom", None], "tags": [None, ["a"]]}}
    assert changes(before, before) == {} and encoded({}) is None


def test_secrets_are_not_kept() -> None:
    kept = encoded({"changed": {"password": ["old", "new"], "api_token": [None, {"x": "y"}], "name": ["a", "b"]}})
    assert msgspec.json.decode(kept or "") == {
        "changed": {"password": ["•••", "•••"], "api_token": [None, {"x": "•••"}], "name": ["a", "b"]}
    }


def test_long_values_are_cut() -> None:
    kept = encoded({"note": "x" * 100_000, "list": ["y"] * 10_000}) or ""
    assert len(kept) < 1000 and "…" in kept
    assert len(clean("z" * 10_000)) == LONGEST_TEXT


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call 09123456789 now", "call 0912•••6789 now"),
        ("+989123456789", "+9891••••6789"),
        ("۰۹۱۲۳۴۵۶۷۸۹", "۰۹۱۲•••۶۷۸۹"),
        ("88776655", "88••••55"),
        ("room 201", "room 201"),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked({"a": [{"b": text}], "n": 5}) == {"a": [{"b": shown}], "n": 5}
