"""Languages: the catalogues, and which one a request gets.

The source texts are English; both catalogues (``locale/*/LC_MESSAGES/messages.po``) hold every one of
them, and a test keeps them whole. They are compiled in memory at start: nothing built to ship or forget.
``python -m web.i18n`` writes texts new in the code into the catalogues. Neighbour: ``templating``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import Translations

from cti.kernel.errors import N_

__all__ = ["N_"]

LANGUAGES = ("fa", "en")
DIRECTIONS = {"fa": "rtl", "en": "ltr"}
NATIVE = {"fa": "فارسی", "en": "English"}

HERE = Path(__file__).parent
_METHODS = [("**/node_modules/**", "ignore"), ("**/templates/**.html", "jinja2"), ("**.py", "python")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "pgettext": ((1, "c"), 2)}


def catalogue_path(language: str) -> Path:
    return HERE / "locale" / language / "LC_MESSAGES" / "messages.po"


def read_catalogue(language: str) -> Catalog:
    with catalogue_path(language).open("rb") as po:
        return read_po(po, locale=language)


@cache
def translations(language: str) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, read_catalogue(language))
    compiled.seek(0)
    return Translations(compiled)


def choose(asked: str | None, remembered: str | None, setting: str) -> str:
    """The language of a request: what it asks for, else what was chosen before, else the setting."""
    for language in (asked, remembered, setting):
        if language in LANGUAGES:
            return language
    return LANGUAGES[0]


def texts_in_code(root: Path = HERE.parent) -> Iterator[tuple[str, str | tuple[str, ...], str | None]]:
    """Each text that a person may see: (file and line, text or (singular, plural), context)."""
    for package in ("web", "screenpop", "crm_core", "call_log", "cti"):
        found = extract_from_dir(root / package, _METHODS, _OPTIONS, _KEYWORDS)
        for name, line, text, _comments, context in found:
            yield f"{package}/{name}:{line}", text, context


def update(language: str) -> Catalog:
    """The catalogue with exactly the texts of the code; English ones stand for themselves."""
    old = read_catalogue(language)
    new = Catalog(
        locale=language,
        project="Tamas",
        header_comment=f"# The texts of Tamas: {NATIVE[language]}. Written by python -m web.i18n, translated by hand.",
        creation_date=old.creation_date,
        fuzzy=False,
    )
    for _where, text, context in texts_in_code():
        known = old.get(text, context)
        english = text if language == "en" else ""
        new.add(text, known.string if known and known.string else english, context=context)
    return new


def main() -> None:
    for language in LANGUAGES:
        catalogue = update(language)
        with catalogue_path(language).open("wb") as po:
            write_po(po, catalogue, width=120, omit_header=False, sort_output=True, no_location=True)
        missing = sum(1 for message in catalogue if message.id and not message.string)
        sys.stdout.write(f"{language}: {len(catalogue)} texts, {missing} without a translation\n")


if __name__ == "__main__":
    main()
