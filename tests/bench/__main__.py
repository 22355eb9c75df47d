"""``make bench``: every benchmark in turn, each with its peer or its limit in the same run.

Explicit list; each is a module with ``main()`` that prints its rows. ``--large`` runs those over ten million rows.
"""

from __future__ import annotations

import importlib
import sys
import time

BENCHES = (
    "bench_decode",
    "bench_records",
    "bench_recorder",
    "bench_simulator",
    "bench_product",
    "bench_pops",
    "bench_board",
    "bench_live",
    "bench_monitor",
    "bench_alerts",
    "bench_paint",
    "bench_people",
    "bench_timeline",
    "bench_import",
)
LARGE: tuple[str, ...] = ("bench_call_log_large", "bench_people_large", "bench_figures")


def main() -> None:
    start = time.monotonic()
    for name in LARGE if "--large" in sys.argv[1:] else BENCHES:
        print(flush=True)
        importlib.import_module(f"tests.bench.{name}").main()
    print(f"\n{time.monotonic() - start:.0f} s in all")


if __name__ == "__main__":
    main()
