"""Which events a client gets: the classes it may read, its event mask, and its filters.

Filters are those of ``manager.c``: advanced ones select by name and header, legacy ones are regular
expressions on the text of the event (``!`` before it excludes). With includes, an event must match one;
with excludes, it must match none.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ami_listener.simulator.wire import KINDS, Kind

_CLASSES = {
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "space": r"\s",
    "upper": "A-Z",
    "lower": "a-z",
}
_CRITERION = re.compile(r"(action|name|header|method)\(([^)]*)\)")
_METHODS = ("regex", "exact", "starts_with", "ends_with", "contains", "none")


class Filter(NamedTuple):
    """One filter. ``name`` empty: any event; ``header`` empty: the whole text; ``method`` none: no matter."""

    excludes: bool
    name: str
    header: str
    method: str
    expression: str

    def decides_by_name(self) -> bool:
        return bool(self.name) and (self.method == "none" or not (self.header or self.expression))

    def matches(self, kind: Kind, text: str) -> bool:
        if self.name and self.name != kind.name:
            return False
        if self.decides_by_name():
            return True
        if not self.header:
            return self._fits(text)
        prefix = f"{self.header}: "
        return any(self._fits(line[len(prefix) :]) for line in text.split("\r\n") if line.startswith(prefix))

    def _fits(self, value: str) -> bool:
        tests = {
            "exact": value == self.expression,
            "starts_with": value.startswith(self.expression),
            "ends_with": value.endswith(self.expression),
            "contains": self.expression in value,
        }
        if self.method in tests:
            return tests[self.method]
        return re.search(posix(self.expression), value, re.DOTALL) is not None


def posix(expression: str) -> str:
    """A POSIX regular expression as Python's: the bracket classes are all that differs here."""
    return re.sub(r"\[:(\w+):\]", lambda m: _CLASSES.get(m[1], m[0]), expression)


def make_filter(criteria: str, expression: str) -> Filter:
    """As the ``Filter`` action gives it; raises ValueError where Asterisk would refuse it."""
    if not criteria:
        excludes = expression.startswith("!")
        body = expression[1:] if excludes else expression
        _compiles(body)
        return Filter(excludes, "", "", "regex", body)
    known = dict(_CRITERION.findall(criteria))
    method = known.get("method", "none" if not expression else "regex")
    if method not in _METHODS or known.get("action", "include") not in ("include", "exclude"):
        raise ValueError(f"bad criteria {criteria!r}")
    if method == "regex":
        _compiles(expression)
    return Filter(known.get("action") == "exclude", known.get("name", ""), known.get("header", ""), method, expression)


def _compiles(expression: str) -> None:
    try:
        re.compile(posix(expression))
    except re.error as error:
        raise ValueError(str(error)) from error


def mask_of(text: str) -> frozenset[str] | None:
    """An ``Events`` mask: None is everything, an empty set nothing."""
    words = frozenset(word.strip() for word in text.lower().split(",") if word.strip())
    if not words or words & {"on", "all", "-1", "yes", "true"}:
        return None
    return frozenset() if words & {"off", "none", "0", "no", "false"} else words


class Taste(NamedTuple):
    """What one client reads; clients of the same taste share the work of selecting."""

    readable: frozenset[str] | None
    mask: frozenset[str] | None
    filters: tuple[Filter, ...] = ()

    def reads(self, privilege: str) -> bool:
        return (self.readable is None or privilege in self.readable) and (self.mask is None or privilege in self.mask)

    def everything(self) -> bool:
        return self.readable is None and self.mask is None and not self.filters

    def possible(self) -> frozenset[str]:
        """The events that may reach this client at all, by name."""
        includes = [f for f in self.filters if not f.excludes]
        barred = {f.name for f in self.filters if f.excludes and f.decides_by_name()}
        return frozenset(
            name
            for name, kind in KINDS.items()
            if self.reads(kind.privilege)
            and name not in barred
            and (not includes or any(f.name in ("", name) for f in includes))
        )

    def accepts(self, kind: Kind, text: str) -> bool:
        if not self.reads(kind.privilege):
            return False
        included = [f for f in self.filters if not f.excludes]
        if included and not any(f.matches(kind, text) for f in included):
            return False
        return not any(f.excludes and f.matches(kind, text) for f in self.filters)


class Selector:
    """Picks one taste's events; where the name alone decides, it is decided once."""

    def __init__(self, taste: Taste) -> None:
        self._taste = taste
        self._by_name = {name: self._certain(kind) for name, kind in KINDS.items()}

    def _certain(self, kind: Kind) -> bool | None:
        if not self._taste.reads(kind.privilege):
            return False
        concerned = [f for f in self._taste.filters if f.name in ("", kind.name)]
        if any(not f.decides_by_name() for f in concerned):
            return None
        return self._taste.accepts(kind, "")

    def select(self, blocks: list[tuple[Kind, str]]) -> str:
        """The text of those events that the client gets."""
        if self._taste.everything():
            return "".join(text for _, text in blocks)
        certain, accepts = self._by_name, self._taste.accepts
        return "".join(
            text for kind, text in blocks if certain[kind.name] or (certain[kind.name] is None and accepts(kind, text))
        )
