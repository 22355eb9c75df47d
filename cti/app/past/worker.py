"""The process that plays the past: ``python -m cti.app.past.worker``, orders on its input, answers on its output.

Reading a day of a busy PBX takes a core for seconds; here it holds nobody up, and gives way to the product, which goes
on taking calls. While it looks for a moment it says how far it is and looks whether another is wanted by now.

Neighbours: ``frames`` are what it speaks, ``process`` starts it, ``board`` is what it tells of.
"""

from __future__ import annotations

import gc
import os
import select
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from zoneinfo import ZoneInfo

from ami_listener.past import rewind
from ami_listener.playback import Playback, Source
from cti.app.calls import day_of, phone_of
from cti.app.past.board import PastBoard
from cti.app.past.day import PastDay
from cti.app.past.frames import LENGTH, Answer, Begin, Logged, Order, PbxPast, Seek, Step, decode_order, framed
from cti.live.profile import Profile

NICE = 10
READ_SECONDS = 0.25
"""How long it reads between two looks at its input."""


class Worker:
    """Answers to orders. ``waiting`` says whether another order is there, so that a search can be left off."""

    def __init__(self, begin: Begin) -> None:
        self._pbxs = begin.pbxs
        self._profiles = {pbx.name: _profile(pbx) for pbx in begin.pbxs}
        phone, day_name, day = phone_of(begin.region), day_of(begin.timezone), PastDay(ZoneInfo(begin.timezone))
        self._board = PastBoard(phone, day_name, day, begin.language, begin.sight)
        self._playback = Playback((), 0.0)
        self._sought: Seek | None = None

    @property
    def seeking(self) -> bool:
        return self._sought is not None

    def logged(self, order: Logged) -> None:
        """Calls of a day, for its figures."""
        self._board.day.logged(order.midnight, order.calls)

    def seek(self, order: Seek) -> None:
        """Begin to look for a moment."""
        sources = [
            Source(
                pbx.name,
                Path(pbx.folder),
                self._profiles[pbx.name],
                rewind(Path(pbx.folder), order.at, order.oldest.get(pbx.name)),
                order.ahead.get(pbx.name, 0.0),
            )
            for pbx in self._pbxs
        ]
        self._playback = Playback(sources, order.at)
        self._board.begin(order.people, order.rules)
        self._sought = order

    def read(self, seconds: float = READ_SECONDS) -> Answer:
        """Look on for so long; the last answer is the one that is ``there``."""
        order = self._sought
        assert order is not None
        there, changed = self._playback.read(seconds)
        self._board.queues(changed)
        if not there:
            return Answer(order.number, order.at, there=False, progress=self._playback.progress, patch={})
        self._sought = None
        self._board.load(self._playback, order)
        return Answer(
            order.number, order.at, there=True, progress=1.0, patch=self._board.patch(), asks=self._board.asks()
        )

    def step(self, order: Step) -> Answer:
        """Play on."""
        self._board.know(order.callers)
        events = self._playback.events(order.until, order.seconds)
        at = min(self._playback.at, order.until)
        self._board.take(events, order.noted, at)
        return self._answer(order.number, at)

    def _answer(self, number: int, at: float) -> Answer:
        return Answer(number, at, there=True, progress=1.0, patch=self._board.patch(), asks=self._board.asks())


def _profile(pbx: PbxPast) -> Profile:
    profile = Profile(pbx.settings)
    for endpoint, (kind, extension) in pbx.told.items():
        profile.tell(endpoint, kind, extension)
    return profile


class Input:
    """Orders from a file descriptor; whether one has come can be asked without waiting for it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._held = bytearray()

    def take(self, *, wait: bool) -> Order | None:
        """The next order; None if there is none yet. Raises EOFError at the end."""
        while True:
            length = int.from_bytes(self._held[:LENGTH], "big") + LENGTH
            if len(self._held) >= max(length, LENGTH + 1):
                frame = bytes(self._held[LENGTH:length])
                del self._held[:length]
                order: Order = decode_order(frame)
                return order
            if not wait and not select.select([self._descriptor], [], [], 0)[0]:
                return None
            data = os.read(self._descriptor, 1 << 20)
            if not data:
                raise EOFError
            self._held += data


def main(descriptor: int, sink: BinaryIO) -> None:
    orders = Input(descriptor)
    begin = orders.take(wait=True)
    assert isinstance(begin, Begin)
    worker = Worker(begin)
    while True:
        order = orders.take(wait=not worker.seeking)
        if isinstance(order, Logged):
            worker.logged(order)
            continue
        if isinstance(order, Seek):
            worker.seek(order)
        answer = worker.step(order) if isinstance(order, Step) else worker.read()
        sink.write(framed(answer))
        sink.flush()


if __name__ == "__main__":
    with suppress(AttributeError, OSError):
        os.nice(NICE)
    gc.set_threshold(50_000, 20, 50)
    with suppress(BrokenPipeError, KeyboardInterrupt, EOFError):  # nobody listens any longer
        main(sys.stdin.fileno(), sys.stdout.buffer)
    os._exit(0)
