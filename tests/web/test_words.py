"""The words of the live parts and the words that the page sends are the same."""

from __future__ import annotations

import re
from pathlib import Path

from web import words as module
from web.words import WORDS, words

SOURCES = Path(module.__file__).parent / "src"


def test_every_word_that_the_browser_asks_for_is_sent() -> None:
    code = "\n".join(path.read_text("utf-8") for path in SOURCES.rglob("*.ts"))
    asked = set(re.findall(r'word\("(\w+)"', code))
    begun = tuple(re.findall(r"word\(`(\w+)\$", code))  # state_${…}: the rest is known only there
    plain = {"talk", "ring", "hold", "cons", "ready", "pause", "off", "inbound", "outbound", "internal"}
    named = set(re.findall(r'"(\w+)"', code))
    assert asked <= set(WORDS)
    assert {key for key in WORDS if key not in asked | plain | named and not key.startswith(begun)} == set()


def test_they_come_in_the_readers_language() -> None:
    assert words(str.upper)["queue"] == "QUEUE"
