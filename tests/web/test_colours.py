"""The colours of ``tokens.css``: every pair of text and ground that the design uses can be read, in both themes."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

CSS = Path(__file__).parent.parent.parent / "web" / "src" / "css"
TOKEN = re.compile(r"--([\w-]+):\s*light-dark\(oklch\(([^)]+)\),\s*oklch\(([^)]+)\)\)")
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall((CSS / "tokens.css").read_text("utf-8"))}
STATES = ("ready", "ring", "talk", "hold", "cons", "wrap", "pause", "off", "bad")
TEXT, MARK = 4.5, 3.0

PAIRS: tuple[tuple[str, str, float], ...] = (
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "ink-3", "accent-ink") for ground in ("surface", "canvas")),
    ("ink-3", "accent-tint", TEXT),
    ("ink-2", "press", TEXT),
    ("ink-2", "ring-t", TEXT),
    ("ink-2", "hold-t", TEXT),
    ("on-primary", "primary", TEXT),
    ("on-fill", "accent", TEXT),
    ("on-fill", "answer", TEXT),
    ("on-fill", "hangup", TEXT),
    ("line-input", "surface", MARK),
    ("focus", "surface", MARK),
    ("vip", "vip-t", TEXT),
    *((f"{state}-i", ground, TEXT) for state in STATES for ground in ("surface", f"{state}-t")),
    *((state, "surface", MARK) for state in STATES),
)


def luminance(oklch: str) -> float:
    """Relative luminance (WCAG 2.2) of an OKLCH colour, by Ottosson's matrices."""
    lightness, chroma, hue = (float(part) for part in oklch.split("/")[0].split())
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    l_, m_, s_ = (
        (lightness + x * a + y * b) ** 3
        for x, y in ((0.3963377774, 0.2158037573), (-0.1055613458, -0.0638541728), (-0.0894841775, -1.2914855480))
    )
    red = 4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_
    green = -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_
    blue = -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_
    return sum(w * min(max(c, 0.0), 1.0) for w, c in ((0.2126, red), (0.7152, green), (0.0722, blue)))


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS, ids=lambda v: str(v))
def test_pairs_can_be_told_apart(ink: str, ground: str, least: float, theme: int) -> None:
    assert contrast(TOKENS[ink][theme], TOKENS[ground][theme]) >= least


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_on_the_bars_of_the_ladder_can_be_read(theme: int) -> None:
    css = (CSS / "ladder.css").read_text("utf-8")
    for state, bar in (("talk", "talk"), ("consult", "cons")):
        ink = re.search(rf"\.lad \.t-{state} {{ fill: light-dark\(#fff, oklch\(([^)]+)\)\)", css)
        assert ink is not None
        assert contrast(("1 0 0", ink[1])[theme], TOKENS[bar][theme]) >= TEXT


def test_no_page_names_a_colour_of_its_own() -> None:
    for sheet in CSS.glob("*.css"):
        if sheet.name != "tokens.css":
            found = re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(", sheet.read_text("utf-8"))
            assert set(found) <= {"#fff"}, sheet.name


def test_directions_are_logical() -> None:
    """One sheet for both directions: no left and right, but where a tape or a code runs left to right."""
    for sheet in CSS.glob("*.css"):
        for line in sheet.read_text("utf-8").splitlines():
            if re.search(r"(margin|padding|border)-(left|right)|text-align: right", line):
                raise AssertionError(f"{sheet.name}: {line.strip()}")
