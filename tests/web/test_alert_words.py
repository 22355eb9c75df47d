"""Every kind of alert has words, on the page and in the browser."""

from __future__ import annotations

from typing import get_args

from cti.live.alarms import SWITCHES, AlertKind, Level
from web.alert_words import KINDS, LEVELS
from web.words import WORDS


def test_every_kind_and_level_has_a_name_and_what_is_measured_a_unit() -> None:
    assert set(KINDS) == set(get_args(AlertKind))
    assert set(LEVELS) == set(get_args(Level))
    assert {kind for kind, (_, unit) in KINDS.items() if not unit} == SWITCHES
    assert all(f"alert_{kind}" in WORDS for kind in KINDS)
