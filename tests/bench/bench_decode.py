"""How fast recorded AMI bytes become messages, beside panoramisk 1.4 and pyst2's parser.

Every recorded Asterisk 22 stream, one after another, in chunks of 64 KiB, one core. Each parser
frames every block; the events counted are all blocks of the stream. Rounds are interleaved, so that
a noisy neighbour hits all alike; the figure is the median of three runs of several rounds.
Run: ``python -m tests.bench.bench_decode``.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import statistics
import threading
import time
from collections.abc import Callable, Iterator

import asterisk.manager
import panoramisk
from panoramisk.ami_protocol import AMIProtocol

from ami_listener.protocol import AmiReader
from ami_listener.wanted import ONLY, SKIP
from tests.ami_listener import streams

CHUNK = 64 * 1024
RUNS, ROUNDS = 3, 5
Chunks = list[bytes]
Parser = Callable[[Chunks], int]


def recorded() -> bytes:
    return b"".join(streams.raw(folder) for folder in streams.folders() if folder.parent.name == "asterisk-22")


def ours(chunks: Chunks) -> int:
    """As the product reads: the events that it does not use are framed and passed over."""
    reader = AmiReader(SKIP, ONLY)
    for chunk in chunks:
        reader.feed(chunk)
    return reader.framed


def ours_everything(chunks: Chunks) -> int:
    """Every event parsed into its headers, none passed over."""
    reader = AmiReader()
    for chunk in chunks:
        reader.feed(chunk)
    return reader.framed


class _NoTransport:
    def write(self, data: bytes) -> None:
        raise AssertionError("nothing is sent")

    def close(self) -> None:
        pass


def panoramisk_star(chunks: Chunks) -> int:
    """panoramisk as shipped, with one callback for every event."""
    loop = asyncio.new_event_loop()
    manager, protocol, seen = panoramisk.Manager(loop=loop), AMIProtocol(), [0]

    def count(_manager: object, _event: object) -> None:
        seen[0] += 1

    manager.register_event("*", count)
    protocol.connection_made(_NoTransport())
    protocol.factory, protocol.config, protocol.encoding, manager.protocol = manager, manager.config, "utf8", protocol
    for chunk in chunks:
        protocol.data_received(chunk)
    loop.run_until_complete(_finish_tasks())
    loop.close()
    return seen[0]


async def _finish_tasks() -> None:
    # The callback that panoramisk itself registers for FullyBooted is a coroutine.
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})


class _Lines:
    """What pyst2 reads its socket through, from memory: without its one recv per byte."""

    def __init__(self, data: bytes) -> None:
        self._lines = iter(data.splitlines(keepends=True))

    def __iter__(self) -> Iterator[bytes]:
        return self._lines

    def close(self) -> None:
        pass


class _Received:
    """Takes the place of pyst2's queue between its threads: its parser runs, the threads do not."""

    def __init__(self) -> None:
        self.blocks = 0

    def put(self, lines: list[str]) -> None:
        if lines:
            message = asterisk.manager.ManagerMsg(lines)
            if message.has_header("Event"):
                asterisk.manager.Event(message)
            self.blocks += 1


def pyst2_parser(chunks: Chunks) -> int:
    """pyst2's receive loop and message classes, fed from memory: its best case."""
    manager = asterisk.manager.Manager.__new__(asterisk.manager.Manager)
    # ChanVariable headers end pyst2's reader on Python 3; the recorded streams have none.
    manager.title, manager._sock, manager._message_queue = None, _Lines(b"".join(chunks)), _Received()
    manager._running, manager._connected = threading.Event(), threading.Event()
    manager._running.set()
    manager._connected.set()
    manager._receive_data()
    blocks: int = manager._message_queue.blocks
    return blocks


PARSERS: tuple[tuple[str, Parser], ...] = (
    ("ours (unused events passed over)", ours),
    ("ours (every event parsed)", ours_everything),
    ("panoramisk 1.4, one * callback", panoramisk_star),
    ("pyst2 0.5.1, parser only", pyst2_parser),
)


def seconds(parser: Parser, chunks: Chunks) -> float:
    gc.collect()
    start = time.perf_counter()
    parser(chunks)
    return time.perf_counter() - start


def measure() -> list[tuple[str, float]]:
    """(parser, blocks a second)."""
    data = recorded()
    chunks, blocks = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)], data.count(b"\r\n\r\n")
    medians: dict[str, list[float]] = {name: [] for name, _ in PARSERS}
    for _ in range(RUNS):
        rounds = {name: [] for name, _ in PARSERS}
        for _ in range(ROUNDS):
            for name, parser in PARSERS:
                rounds[name].append(seconds(parser, chunks))
        for name, times in rounds.items():
            medians[name].append(statistics.median(times))
    return [(name, blocks / statistics.median(times)) for name, times in medians.items()]


def main() -> None:
    logging.disable(logging.CRITICAL)
    asterisk.manager.Manager.__del__ = lambda self: None
    rows = measure()
    rates = dict(rows)
    peers = [rates[name] for name, _ in PARSERS[2:]]
    title = "decode: recorded Asterisk 22 streams, 64 KiB chunks"
    print(f"{title:54} {'events/s':>10} {'x panoramisk':>13} {'x pyst2':>8}")
    for name, rate in rows:
        print(f"{name:54} {rate:10,.0f} {rate / peers[0]:13.1f} {rate / peers[1]:8.1f}")


if __name__ == "__main__":
    main()
