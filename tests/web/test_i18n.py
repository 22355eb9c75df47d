"""No text that a person sees is outside the catalogues, and both catalogues are whole."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

from web import i18n
from web.templating import TEMPLATES, environment

TEXTS = {text if isinstance(text, str) else text[0]: where for where, text, _ in i18n.texts_in_code()}
PERSIAN = re.compile(r"[\u0600-\u06FF]")
PLACE = re.compile(r"%\((\w+)\)s")


def messages(language: str) -> dict[str, tuple[str, ...]]:
    """Every text of the catalogue with its translations (several where it is counted)."""
    found = {}
    for message in i18n.read_catalogue(language):
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            assert not message.fuzzy, key
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    return found


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_a_catalogue_has_every_text_of_the_code_and_no_other(language: str) -> None:
    known = messages(language)
    assert {text: TEXTS[text] for text in TEXTS.keys() - known.keys()} == {}
    assert known.keys() - TEXTS.keys() == set()


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_text_is_translated_with_the_same_places(language: str) -> None:
    for text, translated in messages(language).items():
        assert translated and all(translated), text
        for one in translated:
            assert set(PLACE.findall(one)) == set(PLACE.findall(text)), text


def test_persian_is_persian() -> None:
    for text, translated in messages("fa").items():
        words = PLACE.sub("", text).strip(string.punctuation + " …–")
        if words:
            assert all(PERSIAN.search(one) for one in translated), text


def test_persian_spelling_follows_the_house() -> None:
    for text, translated in messages("fa").items():
        for one in translated:
            assert not re.search("[يكئ]ی(?!ات)|ي|ك", one), text  # but جزئیات
            assert not re.search(r"[!]|لطفا", one), text
            assert not re.search(r"\b(می|نمی) \w", one), text


def test_english_stands_for_itself_or_drops_its_hint() -> None:
    for text, translated in messages("en").items():
        assert translated[0] == re.sub(r" \([^)]*\)$", "", text) or translated[0] == text


FORMATS = ("Excel", "CSV", "vCard", "yes")
"""Names of formats are the same in every language; ``yes`` is what a macro answers to an ``if``."""


def literal_texts(source: str) -> Iterator[str]:
    """What a template says to people without asking the catalogue."""
    source = re.sub(r"{% block cls %}[\w ]*{% endblock %}", "", source)  # a class, no text
    text = "".join(
        value if kind == "data" else "\x00" for _, kind, value in jinja2.Environment().lex(source) if kind != "comment"
    )
    text = re.sub(r"<(script|style|kbd)\b.*?</\1>", "", text, flags=re.S)  # the names of keys are names
    yield from re.findall(r'(?:title|aria-label|placeholder|alt)="([^"]*)"', text)
    bare = re.sub(r"<[^>]*>|&\w+;", "\n", text)
    yield from re.sub(r'[\w-]+="[^"]*"', "", bare).splitlines()  # attributes that a set block keeps for later


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda p: p.name)
def test_no_template_says_anything_by_itself(template: Path) -> None:
    lexed = template.read_text("utf-8")
    said = [line.strip() for line in literal_texts(lexed) if re.search(r"[^\W\d_]{2,}", line.replace("\x00", ""))]
    assert [text for text in said if text.replace("\x00", "") not in FORMATS] == []


@pytest.mark.parametrize("source", sorted((Path(i18n.__file__).parent / "src").glob("*.ts")), ids=lambda p: p.name)
def test_no_component_says_anything_by_itself(source: Path) -> None:
    code = re.sub(r"//.*|/\*.*?\*/", "", source.read_text("utf-8"))
    for template in re.findall(r"html`(.*?)`", code, flags=re.S):
        bare = re.sub(r"\$\{.*", "", template, flags=re.S)
        assert not re.search(r">[^<>$`]*[^\W\d_]{2,}[^<>$`]*<", bare), template


def test_the_language_is_what_is_asked_then_remembered_then_set() -> None:
    assert i18n.choose("en", "fa", "fa") == "en"
    assert i18n.choose(None, "en", "fa") == "en"
    assert i18n.choose("xx", "yy", "en") == "en"
    assert i18n.choose(None, None, "zz") == "fa"


def test_updating_a_whole_catalogue_changes_nothing() -> None:
    for language in i18n.LANGUAGES:
        fresh = {m.id: m.string for m in i18n.update(language) if m.id}
        kept = {m.id: m.string for m in i18n.read_catalogue(language) if m.id}
        assert fresh == kept


def test_plurals() -> None:
    english = environment("en").from_string("{{ ngettext('%(count)s call', '%(count)s calls', n, count=n) }}")
    persian = environment("fa").from_string("{{ ngettext('%(count)s call', '%(count)s calls', n, count=n) }}")
    assert [english.render(n=n) for n in (1, 2)] == ["1 call", "2 calls"]
    assert [persian.render(n=n) for n in (1, 2)] == ["1 تماس", "2 تماس"]
