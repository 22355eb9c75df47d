"""Asterisk is stopped, or killed, in mid-call and starts again, with its channel names from the beginning."""

import asyncio
import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.storm import OFTEN, Size, agreed, both_sizes, finished, moments, storm
from tests.live import running_product, until
from tests.pbx.asterisk import Asterisk
from tests.pbx.truth import read

pytestmark = pytest.mark.pbx


def at_its_stop(problem: str) -> bool:
    """Of a call that was up when the PBX was stopped: was the phone that rang not answered, or was the call withdrawn?
    Did the caller end it, or the PBX? Did one who had just come to a queue fail, or wait in vain? Both are true, and
    each log has it as it came."""
    ours, _, true = problem.partition(", truly ")
    if " hung up by is 'system'" in ours or (ours.endswith(" outcome is 'noanswer'") and true == "'failed'"):
        return True
    return " legs is " in ours and ours.endswith(true.replace("noanswer", "cancelled"))


@both_sizes
@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
async def test_the_pbx_ends_and_begins_again(pbx: Asterisk, tmp_path: Path, size: Size, kill: bool) -> None:
    url, cdr = pbx.ami_url(), str(pbx.truth)
    async with running_product(tmp_path, pbx.profile, pbx_url=url, cdr_url=cdr, reconcile_minutes=OFTEN) as running:
        await running.connected()
        async with storm(pbx, size, whole=False):
            async for _ in moments(size, spare=4.0):
                await until(running.live, what="no call is up")
                await asyncio.to_thread(pbx.kill if kill else pbx.stop)
                await pbx.start()
                await running.connected()
        await running.quiet(30)
        tell = "killed" if kill else "stopped"
        records = await agreed(pbx, running.records, size, tell=tell, forgive=at_its_stop)
        assert not running.live()
        await until(lambda: not running.product.feed.board.whole()["calls"])
        told = {linkedid for one in read(pbx.cel) for linkedid in one.linkedids}
        cut = told - finished(pbx)
        # A killed PBX takes with it what it had not written yet: of such a call only we know.
        lost = [record for record in records if record.outcome == "lost" and record.linkedid in told]
        print(f"{len(cut)} calls have no end in the PBX's own log, {len(lost)} are lost in ours")
        assert len(lost) == len(cut)
        assert kill or not cut
    names = Counter(row["channame"] for row in _births(pbx))
    assert max(names.values()) == size.faults + 1, "channel names did not begin again: this test proves little"


def _births(pbx: Asterisk) -> list[dict[str, str]]:
    with pbx.cel.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["eventtype"] == "CHAN_START"]
