"""The process that reads a file: ``python -m crm_core.exchange.worker``, an order on its input, frames on its output.

What is slow or may be hostile happens here: unpacking, parsing, normalising. The process is limited in memory and
gives way to the product, which goes on taking calls; when it dies nothing else does.

Neighbours: ``frames`` are what it speaks, ``process`` starts it, ``reading`` and ``convert`` do the work.
"""

from __future__ import annotations

import gc
import itertools
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from crm_core.exchange.convert import Converter, Plan, Prepared
from crm_core.exchange.frames import LENGTH, Batch, Ended, Failed, Frame, Looked, Order, decode_order, encode
from crm_core.exchange.guess import mapping_of
from crm_core.exchange.profile import Profiler
from crm_core.exchange.reading import open_table
from crm_core.exchange.rows import Table
from cti.kernel.errors import N_, InvalidError

SAMPLES = 100
COLLECTED = 50_000
"""Things that are made before the collector looks for circles among them. There are none to speak of, and by default it
takes a sixth of the time to find that out."""
NICE = 5


def frames_of(order: Order) -> Iterator[Frame]:
    """Carry the order out. What is wrong with the file comes as ``Failed``, last."""
    try:
        table = open_table(Path(order.path), order.choices, order.limits)
        yield from [_look(table, order)] if order.task == "look" else _read(table, order)
    except InvalidError as error:
        yield Failed(error.text, {name: v if isinstance(v, int) else str(v) for name, v in error.values.items()})
    except MemoryError:
        yield Failed(N_("The file takes too much memory to be read. Save it as CSV, or import it in parts."))


def _look(table: Table, order: Order) -> Looked:
    samples = tuple(itertools.islice(table.rows, SAMPLES))
    width = max([len(table.headers), *(len(row.cells) for row in samples)])
    headers = (*table.headers, *[""] * (width - len(table.headers)))
    mapping = mapping_of(headers, [row.cells for row in samples], order.fields)
    return Looked(table.format, table.choices, headers, table.sheets, samples, mapping, table.damaged)


def _read(table: Table, order: Order) -> Iterator[Frame]:
    plan = order.plan or Plan(mapping=())
    converter = Converter(plan)
    profiler = Profiler(plan, table.headers) if order.task == "profile" else None
    batch: list[Prepared] = []
    rows = last = 0
    for row in table.rows:
        rows, last = rows + 1, row.number
        if row.number <= order.after:
            continue
        made = converter.row(row)
        if profiler is not None and (twin := profiler.see(row, made)):
            made = msgspec.structs.replace(made, twin=twin)
        batch.append(made)
        if len(batch) >= order.batch:
            yield Batch(tuple(batch), last)
            batch = []
    if batch:
        yield Batch(tuple(batch), last)
    yield Ended(rows, None if profiler is None else profiler.profile())


def limit(memory: int) -> None:
    """Of this process: so much memory, and the processor only when nobody else wants it."""
    with suppress(ImportError, ValueError, OSError):  # where the system has no such limits, its own hold
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    with suppress(AttributeError, OSError):
        os.nice(NICE)


def main(source: BinaryIO, sink: BinaryIO) -> None:
    length = int.from_bytes(source.read(LENGTH), "big")
    order = decode_order(source.read(length))
    limit(order.limits.memory_bytes)
    gc.set_threshold(COLLECTED, 20, 100)
    for frame in frames_of(order):
        data = encode(frame)
        sink.write(len(data).to_bytes(LENGTH, "big") + data)
        sink.flush()


if __name__ == "__main__":
    with suppress(BrokenPipeError, KeyboardInterrupt):  # nobody listens any longer
        main(sys.stdin.buffer, sys.stdout.buffer)
    os._exit(0)  # without the wait for what a broken pipe left unwritten
