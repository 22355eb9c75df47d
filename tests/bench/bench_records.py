"""How fast recorded AMI bytes become calls, beside cacofonisk as it is shipped (on panoramisk).

The whole way on one core: bytes in, finished call records out. cacofonisk gives notifications without
times, holds, leg results or queues; it is the nearest thing that can be measured. Rounds are interleaved.
Run: ``python -m tests.bench.bench_records``.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import statistics
import time
from collections.abc import Callable

import panoramisk
from cacofonisk.handlers import EventHandler
from cacofonisk.reporters import BaseReporter
from panoramisk.ami_protocol import AMIProtocol

from ami_listener.replay import Replay
from tests.scenarios import recorded

CHUNK = 64 * 1024
RUNS, ROUNDS, COPIES = 3, 3, 4
REAL_ASTERISK = 10_000
"""Events a second that a real Asterisk emits when it saturates a small machine (every class on)."""


def streams() -> list[bytes]:
    """Each recorded Asterisk 22 stream as a connection of its own."""
    return [recorded.raw(s) for s in recorded.SCENARIOS if s.startswith("asterisk-22")] * COPIES


def ours(parts: list[bytes]) -> int:
    calls = 0
    for part in parts:
        run = Replay(recorded.profile())
        for at in range(0, len(part), CHUNK):
            run.feed(part[at : at + CHUNK])
        calls += len(run.finish())
    return calls


class Counting(BaseReporter):
    """Takes cacofonisk's notifications; its other methods are those of the base, which do nothing."""

    ended = 0

    def on_hangup(self, *_told: object, **_also: object) -> None:
        self.ended += 1


class _NoTransport:
    def write(self, data: bytes) -> None:
        raise AssertionError("nothing is sent")

    def close(self) -> None:
        """Nothing is open."""


def cacofonisk(parts: list[bytes]) -> int:
    """Its own wiring (``AmiRunner.attach``), fed from memory instead of a socket."""
    loop = asyncio.new_event_loop()
    reporter = Counting()
    for part in parts:
        manager, protocol = panoramisk.Manager(loop=loop), AMIProtocol()
        handler = EventHandler(reporter=reporter, hostname="bench")
        for name in handler.event_handlers():
            manager.register_event(name, lambda _manager, event, handler=handler: handler.on_event(event))
        protocol.connection_made(_NoTransport())
        protocol.factory, protocol.config, protocol.encoding = manager, manager.config, "utf8"
        manager.protocol = protocol
        for at in range(0, len(part), CHUNK):
            protocol.data_received(part[at : at + CHUNK])
    loop.run_until_complete(_finish_tasks())
    loop.close()
    return reporter.ended


async def _finish_tasks() -> None:
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})


def seconds(work: Callable[[list[bytes]], int], parts: list[bytes]) -> float:
    gc.collect()
    start = time.perf_counter()
    work(parts)
    return time.perf_counter() - start


def measure() -> tuple[float, float]:
    """Events a second, ours and cacofonisk's: medians of the medians of interleaved rounds."""
    parts = streams()
    events = sum(part.count(b"\r\nEvent: ") for part in parts)
    medians: tuple[list[float], list[float]] = ([], [])
    for _ in range(RUNS):
        rounds: tuple[list[float], list[float]] = ([], [])
        for _ in range(ROUNDS):
            for times, work in zip(rounds, (ours, cacofonisk), strict=True):
                times.append(seconds(work, parts))
        for median, times in zip(medians, rounds, strict=True):
            median.append(statistics.median(times))
    return events / statistics.median(medians[0]), events / statistics.median(medians[1])


def main() -> None:
    logging.disable(logging.CRITICAL)
    mine, theirs = measure()
    print(f"{'records: bytes to call records, one core':54} {'events/s':>10} {'x cacofonisk':>13} {'x a real PBX':>13}")
    for name, rate in (("ours", mine), ("cacofonisk 0.7 on panoramisk 1.4", theirs)):
        print(f"{name:54} {rate:10,.0f} {rate / theirs:13.1f} {rate / REAL_ASTERISK:13.1f}")


if __name__ == "__main__":
    main()
