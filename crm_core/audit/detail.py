"""What of a change is kept in its entry, and what of an entry is shown to whom.

Values are cut, so that a hostile form cannot fill the disk twice; names that sound of secrets lose their values.
Neighbour: ``service`` writes and reads entries with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from cti.live.masking import mask_in

LONGEST_TEXT = 300
"""Characters of one value that are kept."""
MOST_FIELDS = 100
MOST_ITEMS = 50
SECRET = re.compile(r"password|secret|token|totp|hash", re.IGNORECASE)
HIDDEN = "•••"
_SURROGATES = re.compile("[\ud800-\udfff\0]")


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """``{"changed": {field: [before, after]}}`` of the fields that differ; empty if none does."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return {"changed": {name: [before.get(name), after.get(name)] for name in names}} if names else {}


def encoded(detail: Mapping[str, Any] | None) -> str | None:
    """As the table keeps it."""
    return msgspec.json.encode(_cut(msgspec.to_builtins(detail))).decode() if detail else None


def clean(text: str) -> str:
    """A text that every database takes: no NUL, no half characters, not endless."""
    return _SURROGATES.sub("", text[: LONGEST_TEXT * 4])[:LONGEST_TEXT]


def masked(detail: dict[str, Any] | None) -> dict[str, Any] | None:
    """The detail for eyes that may not see numbers whole."""
    return None if detail is None else {key: _masked(value) for key, value in detail.items()}


def _cut(value: Any, secret: bool = False) -> Any:
    if isinstance(value, dict):
        items = list(value.items())[:MOST_FIELDS]
        return {clean(str(key)): _cut(part, secret or bool(SECRET.search(str(key)))) for key, part in items}
    if isinstance(value, list | tuple):
        return [_cut(part, secret) for part in value[:MOST_ITEMS]]
    if secret and value is not None:
        return HIDDEN
    return _cut_text(value) if isinstance(value, str) else value


def _cut_text(text: str) -> str:
    kept = clean(text)
    return kept if len(text) <= LONGEST_TEXT else kept[:-1] + "…"


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_masked(part) for part in value]
    return mask_in(value) if isinstance(value, str) else value
