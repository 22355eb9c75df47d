"""What keeping every byte costs: redaction, compression, checksums, writing, beside what must be paid anyway.

Every recorded Asterisk 22 stream, one after another, in chunks of 64 KiB, one core, to a temporary
folder. The floor is zstd alone on the same bytes at the same level, written to one file. Run:
``python -m tests.bench.bench_journal``.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import zstandard

from ami_listener.journal import LEVEL, JournalReader, JournalWriter, files_of
from ami_listener.redact import Redactor
from tests.bench.bench_decode import CHUNK, recorded

RUNS, REPEAT, BUSY = 3, 4, 10_000
Chunks = list[bytes]


def journal(chunks: Chunks, folder: Path) -> None:
    writer = JournalWriter(folder)
    for number, chunk in enumerate(chunks):
        writer.write(chunk, float(number))
    writer.close()


def journal_with_digits(chunks: Chunks, folder: Path) -> None:
    writer = JournalWriter(folder, keep_digits=True)
    for number, chunk in enumerate(chunks):
        writer.write(chunk, float(number))
    writer.close()


def redaction(chunks: Chunks, folder: Path) -> None:
    redactor = Redactor()
    for chunk in chunks:
        redactor.feed(chunk)


def floor(chunks: Chunks, folder: Path) -> None:
    packer = zstandard.ZstdCompressor(level=LEVEL)
    with (folder / "floor").open("wb") as file:
        for chunk in chunks:
            file.write(packer.compress(chunk))


def reading(chunks: Chunks, folder: Path) -> None:
    for _ in JournalReader(folder):
        pass


ROWS: tuple[tuple[str, Callable[[Chunks, Path], None]], ...] = (
    ("journal, digits redacted", journal),
    ("journal, digits allowed", journal_with_digits),
    ("of it: redaction", redaction),
    ("floor: zstd and one file", floor),
)


def seconds(work: Callable[[Chunks, Path], None], chunks: Chunks, folder: Path) -> float:
    gc.collect()
    start = time.perf_counter()
    work(chunks, folder)
    return time.perf_counter() - start


def main() -> None:
    data = recorded() * REPEAT
    chunks, events = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)], data.count(b"\r\n\r\n")
    print(f"{'journal: recorded Asterisk 22 streams':44} {'MB/s':>8} {'us/event':>9} {f'core at {BUSY:,} ev/s':>20}")

    def row(name: str, took: float) -> None:
        print(f"{name:44} {len(data) / took / 1e6:8.0f} {took / events * 1e6:9.2f} {took / events * BUSY:20.1%}")

    with tempfile.TemporaryDirectory() as folder:
        for index, (name, work) in enumerate(ROWS):
            places = [Path(folder) / f"{index}-{run}" for run in range(RUNS)]
            for place in places:
                place.mkdir()
            row(name, statistics.median(seconds(work, chunks, place) for place in places))
        first = Path(folder) / "0-0"
        row("reading it back", statistics.median(seconds(reading, chunks, first) for _ in range(RUNS)))
        size = sum(path.stat().st_size for path in files_of(first))
        print(f"compressed to 1/{len(data) / size:.1f}")


if __name__ == "__main__":
    main()
