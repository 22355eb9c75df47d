"""Every permission is explained, once."""

from __future__ import annotations

from cti.kernel.actor import PERMISSIONS
from web.permission_words import GROUPS, TITLES


def test_every_permission_has_its_words_and_nothing_else_has() -> None:
    explained = [words.name for group in GROUPS for words in group.permissions]
    assert sorted(explained) == sorted(PERMISSIONS)
    assert set(TITLES) == set(PERMISSIONS)
    assert len({words.says for group in GROUPS for words in group.permissions}) == len(PERMISSIONS)
