"""Who works at which phone now, in memory: for whatever has to know it the moment something rings.

Neighbours: ``desks`` tells it (``PeopleAtPhones``); pops, agents and commands ask.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cti.control.phones import PhoneAt


class Place(msgspec.Struct, frozen=True):
    """Where one user (an id) works: his ``extensions``, and the ``phones`` that the PBXs are known to have for them."""

    user: str
    name: str
    extensions: tuple[str, ...]
    phones: tuple[PhoneAt, ...] = ()


class Mate(msgspec.Struct, frozen=True):
    """An active user (an id), wherever he works: his ``teams`` (ids), and the ``queues`` (names) that he works with."""

    user: str
    name: str
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()


class Places:
    """``take`` replaces everything. A phone is asked for by its endpoint and, where no PBX told of that, by the
    extension that it belongs to."""

    def __init__(self) -> None:
        self._of: dict[str, Place] = {}
        self._by_endpoint: dict[tuple[str, str], tuple[str, ...]] = {}
        self._by_extension: dict[str, tuple[str, ...]] = {}

    def take(self, places: Iterable[Place]) -> None:
        self._of = {place.user: place for place in places}
        endpoints: dict[tuple[str, str], list[str]] = {}
        extensions: dict[str, list[str]] = {}
        for place in self._of.values():
            for phone in place.phones:
                endpoints.setdefault((phone.pbx, phone.endpoint), []).append(place.user)
            for extension in place.extensions:
                extensions.setdefault(extension, []).append(place.user)
        self._by_endpoint = {key: tuple(dict.fromkeys(users)) for key, users in endpoints.items()}
        self._by_extension = {key: tuple(users) for key, users in extensions.items()}

    def at(self, pbx: str, endpoint: str, extension: str | None) -> tuple[str, ...]:
        """The users (ids) who work at a phone; nobody for a phone that is nobody's."""
        found = self._by_endpoint.get((pbx, endpoint))
        if found is None and extension:
            found = self._by_extension.get(extension)
        return found or ()

    def of(self, user: str) -> Place | None:
        """Where a user works; None if at no phone."""
        return self._of.get(user)

    @property
    def told(self) -> bool:
        """Is it known of anybody where he works? Before the users were read it is of nobody."""
        return bool(self._of)

    def all(self) -> Iterable[Place]:
        return self._of.values()
