"""Recorded bytes to call records, with no PBX and no database: ``cti replay``, tests and benchmarks.

The same reader, translator and tracker as live, fed from a file. A greeting in mid-stream is a new
connection: the link was lost in between, and what the stream then lists is taken as the PBX's answer.

Neighbours: ``journal`` gives chunks with their arrival times, ``cti.app`` offers this to the command line.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable

from ami_listener.protocol import AmiReader, Message, ProtocolError
from ami_listener.translate import Translator
from ami_listener.wanted import ONLY, SKIP
from cti.live.profile import Profile
from cti.live.record import CallRecord
from cti.live.resync import SUSPECT_SECONDS
from cti.live.tracker import Tracker


class Times:
    """Arrival times by byte offset, from chunks in order."""

    def __init__(self, offsets: list[int], times: list[float]) -> None:
        self._offsets = offsets
        self._times = times

    def since(self, zero: float) -> Times:
        """The same times, counted from ``zero``."""
        return Times(self._offsets, [at - zero for at in self._times])

    def at(self, offset: int) -> float | None:
        """When the byte at ``offset`` arrived, or None before the first chunk."""
        index = bisect.bisect_right(self._offsets, offset) - 1
        return self._times[index] if index >= 0 else None


class Replay:
    """Feed chunks, get the records of calls as they end; ``finish`` gives those still up."""

    def __init__(self, profile: Profile, pbx_name: str = "main", times: Times | None = None) -> None:
        self.tracker = Tracker(pbx_name, profile)
        self.translator = Translator()
        self.times = times
        self.error: ProtocolError | None = None
        self._reader = AmiReader(SKIP, ONLY, expect_greeting=False)
        self._records: dict[str, CallRecord] = {}
        self._connected = False

    def feed(self, chunk: bytes, at: float | None = None) -> None:
        """Take bytes in, received at ``at`` if known. After damage ``error`` is set and nothing more is read."""
        if self.error is not None:
            return
        try:
            messages = self._reader.feed(chunk)
        except ProtocolError as error:
            self.error = error
            return
        self._apply(messages, at)

    def _apply(self, messages: list[Message], at: float | None) -> None:
        apply = self.tracker.apply
        if self.times is None:
            for fact in self.translator.facts(messages, at):
                apply(fact)
        else:
            for message in messages:
                for fact in self.translator.facts([message], self.times.at(message.end - 1)):
                    apply(fact)
        for record in self.tracker.take_records():
            self._records[record.id] = record

    def finish(self) -> list[CallRecord]:
        """Every record in order of start: ended calls, then those still up as provisional."""
        if self.error is None:
            try:
                self._reader.finish()
            except ProtocolError as error:
                self.error = error
        self.tracker.tick(self.tracker.now)
        self.tracker.tick(self.tracker.now + 2 * SUSPECT_SECONDS)
        for record in self.tracker.take_records():
            self._records[record.id] = record
        for live in self.tracker.snapshot():
            self._records[live.record.id] = live.record
        return sorted(self._records.values(), key=lambda r: (r.started_at or 0.0, r.linkedid))


def replay(chunks: Iterable[bytes], profile: Profile | None = None, pbx_name: str = "main") -> list[CallRecord]:
    """Call records of a recorded stream, in order of start."""
    run = Replay(profile or Profile(), pbx_name)
    for chunk in chunks:
        run.feed(chunk)
    return run.finish()
