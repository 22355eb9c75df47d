"""Pages of other programs that a call opens, by rules of the installation (``[[popups]]`` in the settings file).

What a caller sends (number, name) gets into an address only percent-encoded and never before its path, and only
``http`` and ``https`` are taken: whoever calls cannot choose where an agent's browser goes.
Neighbours: ``cards`` asks for each card; ``docs/watch.md`` explains the rules.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable
from typing import Any, Literal
from urllib.parse import quote, urlsplit

import msgspec

from cti.kernel.errors import ConfigurationError

Json = dict[str, Any]
Open = Callable[[Json], Json]

LONGEST_URL = 2000
FIELDS: dict[str, Callable[[Json], object]] = {
    "number": lambda card: _outside(card).get("number"),
    "raw": lambda card: _outside(card).get("raw"),
    "name": lambda card: card["other"].get("name"),
    "contact": lambda card: card["other"].get("contact"),
    "call": lambda card: card["call"],
    "queue": lambda card: card.get("queue"),
    "line": lambda card: card.get("line"),
    "extension": lambda card: card["mine"].get("ext"),
}
"""What may stand in braces in an address."""
NEVER_EMPTY = frozenset(("number", "raw", "contact"))
"""A rule that needs these does not fit a call that has none."""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``direction`` and ``queue``: for which calls, all if empty. ``title``: what the button says. ``by_itself``: the
    page opens when the call is answered, without the button."""

    url: str
    direction: Literal["", "inbound", "outbound"] = ""
    queue: str = ""
    title: str = ""
    by_itself: bool = False

    def fits(self, card: Json) -> bool:
        if card.get("direction") not in ("inbound", "outbound"):
            return False
        return self.direction in ("", card["direction"]) and self.queue in ("", card.get("queue"))


class Opening:
    """``opening(card)`` gives what the first rule that fits adds to it: ``open`` (the address), ``open_title``,
    ``open_by_itself``."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = [(rule, _fields(rule.url)) for rule in rules]

    def __call__(self, card: Json) -> Json:
        for rule, names in self._rules:
            if not rule.fits(card):
                continue
            values = {name: str(FIELDS[name](card) or "") for name in names}
            if all(values[name] for name in NEVER_EMPTY.intersection(names)):
                return _opened(rule, values)
        return {}


def opening(tables: Iterable[Json]) -> Opening:
    """The rules of a settings file. ConfigurationError naming what cannot be."""
    rules = []
    for number, table in enumerate(tables, 1):
        try:
            rule = msgspec.convert(table, Rule)
            _check(rule.url)
        except (msgspec.ValidationError, ValueError) as error:
            raise ConfigurationError(f"popups, rule {number}: {error}") from error
        rules.append(rule)
    return Opening(rules)


def _opened(rule: Rule, values: dict[str, str]) -> Json:
    url = rule.url.format(**{name: quote(value, safe="") for name, value in values.items()})
    if len(url) > LONGEST_URL:
        return {}
    title = {"open_title": rule.title} if rule.title else {}
    return {"open": url, "open_by_itself": rule.by_itself, **title}


def _fields(url: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in string.Formatter().parse(url) if name is not None)


def _check(url: str) -> None:
    for _, name, form, conversion in string.Formatter().parse(url):
        if name is not None and (name not in FIELDS or form or conversion):
            raise ValueError(f"{{{name}}} is not one of {', '.join(f'{{{known}}}' for known in FIELDS)}")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError("url has to begin with https:// or http:// and a host")
    if "{" in parts.netloc or "}" in parts.netloc or "\\" in url or not url.isprintable() or " " in url:
        raise ValueError("url: its host is fixed, and it has no spaces or control characters")


def _outside(card: Json) -> Json:
    found: Json = card["dialled" if card["direction"] == "outbound" else "caller"]
    return found
