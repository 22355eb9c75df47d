"""The jinja2 environment of each language, with the filters that templates use.

Undefined names are errors and everything is escaped: what comes from the PBX can break neither the
page nor its meaning. Neighbours: ``i18n`` has the words, ``page`` renders.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from screenpop.presenter import handlers, other_party, party_name, shown
from web import i18n
from web.result_words import SHAPE_ICONS, TONE_CLASSES
from web.results import missed, outcome_of

TEMPLATES = Path(__file__).parent / "templates"
_ZWNJ = "\u200c"
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")  # they turn the reading direction of what follows
_MENTION = re.compile(r"(?<![\w&;])@[^\W\d_][\w.\u200c-]{0,60}")


def initials(name: str | None) -> str:
    """The first letters of the first and last word; empty for who has no name. Persian letters stay unjoined."""
    words = (shown(name) or "").split()
    if not words:
        return ""
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper() if letters.isascii() else _ZWNJ.join(letters)


_DIALABLE = re.compile(r"[+*#\d][\d*# ().-]{1,39}", re.ASCII)


def dialable(text: str | None) -> str:
    """The text if a phone could dial it, else an empty one: a caller sends what he likes as his number."""
    return text if text and _DIALABLE.fullmatch(text) else ""


BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Mac OS X", "Linux")
_CALLED = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS"}


def browser(agent: str) -> str:
    """``Firefox, Windows``: as much of a User-Agent as people can tell their browsers apart by."""
    found = [next((name for name in names if name in agent), "") for names in (BROWSERS, SYSTEMS)]
    return ", ".join(_CALLED.get(name, name) for name in found if name) or (shown(agent, 40) or "–")


def with_mentions(text: str, limit: int = 20_000) -> Markup:
    """A note, with the names after ``@`` marked; every other character is text."""
    plain = _TURNS.sub("", text)
    cut = plain if len(plain) <= limit else plain[: limit - 1] + "…"
    return Markup(_MENTION.sub(r'<b class="men">\g<0></b>', str(escape(cut))))


FILTERS = {
    "browser": browser,
    "handlers": handlers,
    "dialable": dialable,
    "initials": initials,
    "mentions": with_mentions,
    "missed": missed,
    "other_party": other_party,
    "outcome": outcome_of,
    "party_name": party_name,
    "shape_icon": lambda shape: SHAPE_ICONS.get(shape, "check"),
    "shown": lambda text, limit=80: shown(None if text is None else str(text), limit),
    "tone_class": lambda tone: TONE_CLASSES.get(tone, ""),
}


@cache
def environment(language: str) -> jinja2.Environment:
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(FILTERS)
    env.install_gettext_translations(i18n.translations(language), newstyle=True)  # type: ignore[attr-defined]
    return env
