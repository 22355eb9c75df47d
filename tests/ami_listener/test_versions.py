"""What an Asterisk can do is told from its version."""

from __future__ import annotations

import pytest

from ami_listener.versions import REORDERS_SINCE, known_since


@pytest.mark.parametrize(
    ("version", "known"),
    [
        ("13.38.3", False),
        ("16.28.0~dfsg-0+deb11u4", False),
        ("18.19.0", False),
        ("18.20.0", True),
        ("19.8.1", False),
        ("20.4.0", False),
        ("20.5.0", True),
        ("21.0.0", True),
        ("23.1.0-rc1", True),
        ("certified/18.9-cert14", False),
        ("certified-20.7-cert8", True),
        ("GIT-master-1234", None),
        ("", None),
    ],
)
def test_which_asterisk_moves_who_waits(version: str, known: bool | None) -> None:
    assert known_since(version, REORDERS_SINCE) is known
