"""Shows where a text holds what was asked for, in the text as it was written. Pure.

What is found was compared in one spelling (``cti.kernel.persian``), what is shown is the original; so words are
compared one by one, a written word or two neighbours against each word that was asked.
Neighbour: ``service`` asks for the parts of names and notes, templates draw them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cti.kernel.persian import words

Part = tuple[str, bool]
"""A piece of text, and whether it is what was asked for."""

AROUND = 60
"""Characters of a long text that are shown before what was asked for."""
LONGEST_EXCERPT = 200

_JOINERS = "\u200c\u200d\u0640"
_MARKS = "\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u0300-\u036f"
_WRITTEN = re.compile(f"[^\\W_](?:[^\\W_]|[{_JOINERS}{_MARKS}])*")
_SPACES = re.compile(r"\s+")


def marked(text: str, asked: Sequence[str]) -> tuple[Part, ...]:
    """The text in parts; those that begin with an asked word (of ``persian.words``) are marked, whole words only."""
    spans = [match.span() for match in _WRITTEN.finditer(text)]
    return tuple(_parts(text, [spans[n] for n in _hits(text, spans, asked)]))


def marked_number(shown: str, digits: str) -> tuple[Part, ...]:
    """A number as it is shown, with the digits that were asked for marked; all unmarked if it does not hold them."""
    places = [at for at, letter in enumerate(shown) if letter.isdigit()]
    at = "".join(str(int(shown[place])) for place in places).find(digits) if digits else -1
    if at < 0:
        return ((shown, False),)
    return tuple(_parts(shown, [(places[at], places[at + len(digits) - 1] + 1)]))


def excerpt(text: str, asked: Sequence[str]) -> tuple[Part, ...]:
    """Some words of a long text around the first that was asked for."""
    line = _SPACES.sub(" ", text).strip()
    spans = [match.span() for match in _WRITTEN.finditer(line)]
    first = next(_hits(line, spans, asked), 0)
    start = spans[first][0] if spans else 0
    begin = 0 if start <= AROUND else line.rfind(" ", 0, start - AROUND // 2) + 1
    cut = line[begin : begin + LONGEST_EXCERPT]
    before, after = "…" if begin else "", "…" if begin + LONGEST_EXCERPT < len(line) else ""
    return tuple(part for part in ((before, False), *marked(cut, asked), (after, False)) if part[0])


def _hits(text: str, spans: Sequence[tuple[int, int]], asked: Sequence[str]) -> Iterator[int]:
    """The places of the written words that answer to an asked one."""
    beginnings = tuple(asked)
    if not beginnings:
        return
    joined = ["".join(words(text[start:end])) for start, end in spans]
    for n, word in enumerate(joined):
        inner = words(text[slice(*spans[n])]) if "\u200c" in text[slice(*spans[n])] else [word]
        neighbours = (joined[n - 1] if n else "", word), (word, joined[n + 1] if n + 1 < len(joined) else "")
        across = any(_across(*pair, one) for pair in neighbours for one in beginnings)
        if across or word.startswith(beginnings) or any(part.startswith(beginnings) for part in inner):
            yield n


def _across(first: str, second: str, asked: str) -> bool:
    """An asked word that is written as two."""
    return bool(first and second) and len(asked) > len(first) and (first + second).startswith(asked)


def _parts(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[Part]:
    at = 0
    for start, end in spans:
        if start > at:
            yield text[at:start], False
        yield text[start:end], True
        at = end
    if at < len(text):
        yield text[at:], False
