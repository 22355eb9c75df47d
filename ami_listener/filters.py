"""The PBX's own event filters, so that what nobody here reads is never sent.

The same filters go into ``manager.conf`` (printed by ``manager_conf``) and, where the login may, into
the session (sent by ``login`` after logging in). Two styles exist: since 18.26, 20.11, 21.6 and 22.1
Asterisk selects by event name and header, cheaply; before, each filter is a regular expression run on
the text of every event. Both are includes: an event that matches none is not sent. Answers to
actions are never filtered (main/manager.c, should_send_event).
"""

from __future__ import annotations

from collections.abc import Iterator

from ami_listener.versions import known_since
from ami_listener.wanted import WANTED, Wanted

# The first release of each series that knows advanced filters.
ADVANCED_SINCE = {18: 26, 20: 11, 21: 6, 22: 1}
# A line of an action has at most 1,024 bytes (see encode); room is left for "Filter: ".
PATTERN_LIMIT = 900


def knows_advanced(asterisk_version: str) -> bool:
    """Whether that Asterisk has advanced filters; a version that cannot be read has not."""
    return known_since(asterisk_version, ADVANCED_SINCE) is True


def advanced() -> Iterator[tuple[str, str]]:
    """(criteria, expression) of each filter: ``eventfilter(criteria) = expression``."""
    for event in WANTED:
        if not event.header:
            yield f"action(include),name({event.name})", ""
        for value in event.values:
            yield f"action(include),name({event.name}),header({event.header}),method(exact)", value


def legacy() -> Iterator[str]:
    """Regular expressions (POSIX extended, on the whole text of an event): ``eventfilter = expression``.

    ``[[:cntrl:]]`` is the CR at the end of a line, which a configuration file cannot hold.
    """
    yield from _by_name([event for event in WANTED if not event.header])
    for event in WANTED:
        if event.header:
            values = "|".join(event.values)
            yield f"^Event: {event.name}[[:cntrl:]].*[[:cntrl:]]{event.header}: ({values})[[:cntrl:]]"


def _by_name(events: list[Wanted]) -> Iterator[str]:
    names: list[str] = []
    for event in events:
        if sum(len(name) + 1 for name in names) + len(event.name) > PATTERN_LIMIT:
            yield _any_of(names)
            names = []
        names.append(event.name)
    yield _any_of(names)


def _any_of(names: list[str]) -> str:
    return f"^Event: ({'|'.join(names)})[[:cntrl:]]"
