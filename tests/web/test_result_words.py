"""Every shape and tone that there is has its word and its icon."""

from __future__ import annotations

from pathlib import Path

import web
from crm_core.results.model import SHAPES, TONES
from web.result_words import FOLLOW_DAYS, SHAPE_ICONS, SHAPE_WORDS, TONE_CLASSES, TONE_WORDS


def test_nothing_is_without_a_word() -> None:
    assert set(SHAPE_ICONS) == set(SHAPE_WORDS) == set(SHAPES)
    assert set(TONE_WORDS) == set(TONES) >= set(TONE_CLASSES)
    assert len(set(SHAPE_ICONS.values())) == len(SHAPES)
    assert [days for days, _ in FOLLOW_DAYS] == sorted({days for days, _ in FOLLOW_DAYS})


def test_the_icons_are_there() -> None:
    there = (Path(web.__file__).parent / "src" / "icons.txt").read_text().split()
    assert set(SHAPE_ICONS.values()) <= set(there)
