"""A simulated PBX with its stream of calls, without any network: time goes as far as it is pushed.

``ami_listener.simulator.server`` pushes it along the real clock and serves AMI; ``play`` pushes it as
fast as it goes, for tests and benchmarks.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

from ami_listener.simulator import cdr, cel
from ami_listener.simulator.behaviour import Human
from ami_listener.simulator.demo import build
from ami_listener.simulator.flows import Flows
from ami_listener.simulator.life import hang
from ami_listener.simulator.options import SimulatorOptions
from ami_listener.simulator.schedule import Schedule
from ami_listener.simulator.truth import SimCall

GREETING = "Asterisk Call Manager/11.0.0\r\n"
_ROUNDS_TO_END = 5
"""Hanging up one party may ring another: a few rounds end them all."""
_BREAKS_UP_TO = 200
"""Phones whose breaks are played: in a load test they only cost time."""


class Simulation:
    """``truth`` holds the finished calls in the order in which they ended."""

    def __init__(self, options: SimulatorOptions) -> None:
        self.options = options
        self.truth: list[SimCall] = []
        self.finished = 0
        self.schedule = Schedule(time.time() if options.start_at is None else options.start_at)
        rng = random.Random(options.seed)
        self.pbx = build(options, self.schedule, rng, self._keep)
        human = self.pbx.behaviour
        assert isinstance(human, Human)
        self.flows = Flows(self.pbx, human, rng, options.calls_per_second, options.calls)
        self._arrivals = self.schedule.spawn(self.flows.script())
        if options.breaks and options.phones <= _BREAKS_UP_TO:
            for device in self.pbx.devices.values():
                if device.members:
                    self.schedule.spawn(self.flows.breaks(device))

    @property
    def done(self) -> bool:
        """All calls that were asked for are made and over."""
        return self._arrivals.done and not self.pbx.channels

    def advance(self, until: float) -> None:
        """Let the simulated clock run to ``until`` (epoch seconds)."""
        self.schedule.run_until(until)

    def shut_down(self) -> None:
        """End every call, as a PBX does that is stopped gracefully: its books are then complete."""
        for _ in range(_ROUNDS_TO_END):
            for channel in tuple(self.pbx.channels.values()):
                hang(self.pbx, channel, "command")
            self.schedule.run_until(self.schedule.now)

    def write_books(self) -> None:
        """Append what is new to ``cel.csv`` and ``cdr.csv``."""
        folder = self.options.cdr_folder
        if folder is not None:
            _append(folder / "cel.csv", cel.HEADER, self.pbx.cel.rows)
            _append(folder / "cdr.csv", cdr.HEADER, self.pbx.cdr.rows)

    def _keep(self, call: SimCall) -> None:
        self.finished += 1
        self.truth.append(call)
        if len(self.truth) > self.options.truth_limit:
            del self.truth[: self.options.truth_limit // 2]


def _append(path: Path, header: str, rows: list[str]) -> None:
    if not rows and path.exists():
        return
    new = not path.exists()
    with path.open("a", encoding="utf-8") as file:
        if new:
            file.write(header + "\n")
        file.writelines(f"{row}\n" for row in rows)
    rows.clear()


def play(simulation: Simulation, step: float = 1.0) -> Iterator[bytes]:
    """The AMI stream as a client that reads everything gets it, a chunk per ``step`` simulated seconds, until
    all calls are over."""
    yield GREETING.encode()
    while not simulation.done:
        simulation.advance(simulation.schedule.now + step)
        blocks = simulation.pbx.wire.drain()
        if blocks:
            yield "".join(text for _, text in blocks).encode()
    simulation.write_books()
