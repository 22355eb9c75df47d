"""The calls that are up, by id, from the bus's events: what a command names is found here.

A call that became part of another is found under its old id too, for as long as that one is up. Neighbours:
``service`` asks; the tracker of a PBX has what a command must know to the millisecond (``Tracker.parties``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cti.live.events import CallChanged, CallEnded, CallMerged, CallStarted, LiveCall

KINDS = (CallStarted, CallChanged, CallEnded, CallMerged)


class LiveBook:
    def __init__(self) -> None:
        self._calls: dict[str, LiveCall] = {}
        self._into: dict[str, str] = {}
        self._gone: dict[str, list[str]] = {}

    def take(self, event: object) -> None:
        match event:
            case CallStarted(call=call) | CallChanged(call=call):
                self._calls[call.record.id] = call
            case CallEnded(record=record):
                self._calls.pop(record.id, None)
                for old in self._gone.pop(record.id, ()):
                    self._into.pop(old, None)
            case CallMerged(gone=gone, into=into):
                self._merge(gone, into)
            case _:
                pass

    def load(self, calls: Iterable[LiveCall]) -> None:
        """These are up: events were missed."""
        self._calls = {call.record.id: call for call in calls}
        self._gone = {into: old for into, old in self._gone.items() if into in self._calls}
        self._into = {old: into for into, olds in self._gone.items() for old in olds}

    def get(self, call_id: str) -> LiveCall | None:
        """The call of this id, or the one that it became part of."""
        return self._calls.get(self.id_of(call_id))

    def id_of(self, call_id: str) -> str:
        """The id under which a call goes on."""
        return self._into.get(call_id, call_id)

    def __iter__(self) -> Iterator[LiveCall]:
        return iter(tuple(self._calls.values()))

    def __len__(self) -> int:
        return len(self._calls)

    def _merge(self, gone: str, into: str) -> None:
        self._calls.pop(gone, None)
        olds = [gone, *self._gone.pop(gone, [])]
        self._gone.setdefault(into, []).extend(olds)
        self._into.update(dict.fromkeys(olds, into))
