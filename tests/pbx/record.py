"""Records flows as trace folders: every AMI byte with its time, what was done, and what Asterisk itself wrote.

`python -m tests.pbx.record FOLDER [--dialplan plain|freepbx] [FLOW...]` plays them one after the other (all, if none is
named) on one Asterisk and writes FOLDER/<flow>/{ami.raw,ami-times.csv,actions.log,cel.csv,cdr.csv}.
"""

import argparse
import asyncio
from collections import deque
from pathlib import Path

from tests.pbx import flows, flows_freepbx
from tests.pbx.asterisk import Asterisk
from tests.pbx.moves import Flow
from tests.pbx.play import LabResult, play
from tests.pbx.probe import actions_log

FLOWS = {"plain": flows.FLOWS, "freepbx": flows_freepbx.FLOWS}


def write(result: LabResult) -> None:
    """Adds what AMI said to the folder that `play` put the records in."""
    (result.folder / "ami.raw").write_bytes(result.ami)
    rows = (f"{at:.6f},{start},{size},{connection}\n" for at, start, size, connection in result.recording.times)
    (result.folder / "ami-times.csv").write_text("offset_s,byte_offset,length,connection\n" + "".join(rows))
    (result.folder / "actions.log").write_text(actions_log(result.recording), encoding="utf-8")


async def record(chosen: list[Flow], dialplan: str, target: Path, side_by_side: int) -> list[str]:
    """Plays and writes them on so many PBXs; returns the names of those that did not come to their end."""
    waiting, failed = deque(chosen), list[str]()
    async with asyncio.TaskGroup() as group:
        for _ in range(side_by_side):
            group.create_task(_record(waiting, dialplan, target, failed))
    return failed


async def _record(waiting: deque[Flow], dialplan: str, target: Path, failed: list[str]) -> None:
    asterisk = Asterisk(dialplan)
    try:
        await asterisk.start()
        while waiting:
            flow = waiting.popleft()
            try:
                write(await play(asterisk, flow, target / flow.name))
                print("recorded", flow.name, flush=True)
            except (TimeoutError, LookupError) as error:
                print("FAILED", flow.name, repr(error), flush=True)
                failed.append(flow.name)
                await asterisk.restart()
    finally:
        asterisk.remove()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dialplan", choices=("plain", "freepbx"), default="plain")
    parser.add_argument("--side-by-side", type=int, default=4)
    parser.add_argument("flows", nargs="*")
    given = parser.parse_args()
    chosen = [flow for flow in FLOWS[given.dialplan] if not given.flows or flow.name in given.flows]
    raise SystemExit(1 if asyncio.run(record(chosen, given.dialplan, given.folder, given.side_by_side)) else 0)


if __name__ == "__main__":
    main()
