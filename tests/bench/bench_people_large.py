"""As ``bench_people``, at ten million numbers, and with five million calls to be found beside the people.

``TAMAS_CALLS`` says how many calls (they take some kilobytes each, on both databases).
"""

from __future__ import annotations

import asyncio
import os

from tests.bench import bench_people

PEOPLE, EACH = 2_000_000, 5
CALLS = int(os.environ.get("TAMAS_CALLS", "5000000"))


def main() -> None:
    asyncio.run(bench_people.run(PEOPLE, EACH, 0))
    asyncio.run(bench_people.run(1_000_000, 1, CALLS))


if __name__ == "__main__":
    main()
