"""The jinja2 environment of each language, with the filters that templates use.

Undefined names are errors and everything is escaped: what comes from the PBX can break neither the
page nor its meaning. Neighbours: ``i18n`` has the words, ``page`` renders.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2

from screenpop.presenter import handlers, other_party, shown
from web import i18n
from web.results import missed, outcome_of

TEMPLATES = Path(__file__).parent / "templates"
FILTERS = {
    "handlers": handlers,
    "missed": missed,
    "other_party": other_party,
    "outcome": outcome_of,
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
