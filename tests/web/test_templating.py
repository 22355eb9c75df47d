"""Templates: everything escaped, nothing undefined, the filters that they use."""

from __future__ import annotations

import jinja2
import pytest

from web.templating import TEMPLATES, browser, dialable, environment, initials, with_mentions


def test_values_are_escaped() -> None:
    assert environment("en").from_string("{{ x }}").render(x="<b>&\"'") == "&lt;b&gt;&amp;&#34;&#39;"


def test_an_undefined_name_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment("en").from_string("{{ nothing }}").render()


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_template_compiles(language: str) -> None:
    for template in TEMPLATES.glob("*.html"):
        environment(language).get_template(template.name)


def test_no_template_has_inline_style_or_script() -> None:
    """The policy that guards against injected scripts forbids ours as well."""
    for template in TEMPLATES.glob("*.html"):
        text = template.read_text("utf-8")
        assert " style=" not in text, template.name
        assert not any(f" on{event}=" in text for event in ("click", "load", "error", "change", "submit")), (
            template.name
        )


@pytest.mark.parametrize(
    ("name", "letters"),
    [("نگار سهرابی", "ن\u200cس"), ("Anna Schmidt", "AS"), ("anna", "A"), ("", ""), (None, ""), ("\u202e", "")],
)
def test_initials(name: str | None, letters: str) -> None:
    assert initials(name) == letters


def test_shown_takes_anything() -> None:
    assert environment("en").from_string("{{ x|shown(3) }}").render(x=12345) == "12…"


@pytest.mark.parametrize(
    ("agent", "called"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5", "curl/8.5"), ("", "–"), ("<script>" * 20, "<script>" * 4 + "<script…"),
    ],
)  # fmt: skip
def test_browsers_are_told_apart(agent: str, called: str) -> None:
    assert browser(agent) == called


def test_mentions_are_marked_and_all_else_is_text() -> None:
    marked = str(with_mentions('@نگار <b>"x"</b> a@b.c \u202e{{ 7 }}'))
    assert marked == '<b class="men">@نگار</b> &lt;b&gt;&#34;x&#34;&lt;/b&gt; a@b.c {{ 7 }}'
    assert len(str(with_mentions("x" * 100, 10))) == 10


def test_what_a_phone_can_dial_and_nothing_else() -> None:
    for number in ("+989121234567", "0912 123 4567", "*97", "021-8871 2340", "#21#"):
        assert dialable(number) == number
    for other in ("", None, "x@evil", "1", "12\u202e34", "12,34", "1\n2", "javascript:1", "1" * 50):
        assert dialable(other) == ""
