"""The jinja2 environment of each language, with the filters that templates use.

Undefined names are errors and everything is escaped: what comes from the PBX can break neither the
page nor its meaning. Neighbours: ``i18n`` has the words, ``page`` renders.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2

from screenpop.presenter import handlers, other_party, party_name, shown
from web import i18n
from web.results import missed, outcome_of

TEMPLATES = Path(__file__).parent / "templates"
_ZWNJ = "\u200c"


def initials(name: str | None) -> str:
    """The first letters of the first and last word; empty for who has no name. Persian letters stay unjoined."""
    words = (shown(name) or "").split()
    if not words:
        return ""
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper() if letters.isascii() else _ZWNJ.join(letters)


FILTERS = {
    "handlers": handlers,
    "initials": initials,
    "missed": missed,
    "other_party": other_party,
    "outcome": outcome_of,
    "party_name": party_name,
    "shown": lambda text, limit=80: shown(None if text is None else str(text), limit),
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
