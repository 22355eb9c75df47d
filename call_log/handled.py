"""Who works at the phones of the calls that are up, as it was when each rang: in memory, until a call is over.

Who takes a phone over in the middle of the day has not had the calls of whoever sat there before. Neighbours:
``recorder`` asks for each change of a call, ``store`` keeps the answer with the call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cti.live.record import CallRecord, Leg

Whose = Callable[[str, str, str | None], tuple[str, ...] | None]
"""(pbx, endpoint, extension) -> the users (ids) who work at that phone now; None where nobody knows who works where."""
People = Mapping[str, tuple[str, ...]]
"""The uniqueid of a leg -> the users who worked at its phone; one that is not there: nobody knows."""
MOST = 200_000
"""Legs of calls whose end is never told are let go beyond this, the oldest first."""


def nobody_knows(_pbx: str, _endpoint: str, _extension: str | None) -> tuple[str, ...] | None:
    """Where nothing tells who works where."""
    return None


class Handling:
    def __init__(self, whose: Whose = nobody_knows) -> None:
        self._whose = whose
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    def people(self, record: CallRecord, *, over: bool = False) -> People:
        """Who is or was at the phones of a call. ``over``: nothing more comes of it."""
        found = {}
        for leg in record.legs:
            if not leg.outside and (users := self._of(record.pbx, leg)) is not None:
                found[leg.uniqueid] = users
            if over:
                self._known.pop((record.pbx, leg.uniqueid), None)
        return found

    def _of(self, pbx: str, leg: Leg) -> tuple[str, ...] | None:
        """As it was when the leg was first seen: what changes afterwards does not change whose it was."""
        key = (pbx, leg.uniqueid)
        if key not in self._known:
            users = self._whose(pbx, leg.endpoint, leg.extension)
            if users is None:
                return None
            if len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[key] = users
        return self._known[key]
