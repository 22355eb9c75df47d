"""The product beside a real Asterisk, as its users meet it: pages, pushes, API, doctor and reconcile."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cti.app.doctor import examine
from tests.live import ProductProcess, Push, settings_of, until
from tests.pbx import flows
from tests.pbx.asterisk import SECRETS, Asterisk
from tests.pbx.lab import write_settings
from tests.pbx.play import play
from tests.pbx.truth import read
from tests.pbx.verdict import disagreements

pytestmark = pytest.mark.pbx
FLOWS = {flow.name: flow for flow in flows.FLOWS}


def cti(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, with the settings of that file."""
    environment = {**os.environ, "CTI_CONFIG": str(config)}
    return subprocess.run(
        [sys.executable, "-m", "cti", *arguments], env=environment, capture_output=True, text=True, check=False
    )


def states(push: Push, call: str) -> list[str]:
    """What the board said of a call, in order; `gone` at its end."""
    found: list[str] = []
    for message in push.of("board:all"):
        card: dict[str, Any] | None = message["data"].get("calls", {}).get(call, {})
        word = "gone" if card is None else card.get("state", "")
        if word and found[-1:] != [word]:
            found.append(word)
    return found


async def test_a_call_is_on_the_board_while_it_lives_and_in_the_log_after_it(
    asterisk: Asterisk, tmp_path: Path
) -> None:
    async with ProductProcess(tmp_path, asterisk.profile, pbx_url=asterisk.ami_url()) as product:
        await until(product.ready, 20, product.log)
        async with product.push("board:all") as push:
            await until(lambda: push.of("board:all"))
            result = await play(asterisk, FLOWS["queue_member_busy_then_other"])
            (true,) = read(result.cel)
            call = f"main-{true.linkedids[0]}"
            await until(lambda: states(push, call)[-1:] == ["gone"])
            assert states(push, call)[:3] == ["arriving", "queued", "talking"]
            told = next(n for n, m in enumerate(push.messages) if call in m.get("data", {}).get("calls", {}))
            assert (
                push.times[told] - true.started_at < 1.0
            )  # as a rule some 30 ms, also on a busy machine well under 1 s
            print(f"on the board {1000 * (push.times[told] - true.started_at):.0f} ms after it began")
        status, record = await product.get(f"/api/v1/calls/{call}")
        assert status == 200
        assert (record["outcome"], record["queue"], record["provisional"]) == ("answered", "sales", False)
        assert [leg["result"] for leg in record["legs"]] == ["busy", "answered"]
        assert [item["id"] for item in await product.calls(agent="202")] == [call]
        status, page = await product.get(f"/calls/{call}")
        assert status == 200
        assert "202" in page
        assert await product.stop() == 0


async def test_the_doctor_is_content_with_the_labs_login(asterisk: Asterisk, tmp_path: Path) -> None:
    urls = {"pbx_url": asterisk.ami_url(), "pbx_actions_url": asterisk.ami_url("actions")}
    settings = settings_of(tmp_path, asterisk.profile, cdr_url=str(asterisk.truth), **urls)
    findings = await examine(settings)
    assert [(f.title % dict(f.values), f.mend) for f in findings if f.level == "bad"] == []
    assert any(re.search(r"connected, Asterisk 22\.", f.title % dict(f.values)) for f in findings)


async def test_the_doctor_names_a_wrong_secret(asterisk: Asterisk, tmp_path: Path) -> None:
    url = asterisk.ami_url().replace(SECRETS["listener"], "wrong")
    findings = await examine(settings_of(tmp_path, asterisk.profile, pbx_url=url))
    (bad,) = [f for f in findings if f.level == "bad"]
    assert "does not accept user listener" in bad.title % dict(bad.values)
    assert "secret" in bad.mend


async def test_calls_of_a_time_without_the_product_are_added_by_the_command(tmp_path: Path) -> None:
    """`cti reconcile` with the settings that `make lab` prints: twice, and the second time there is nothing to do."""
    pbx = Asterisk(folder=tmp_path / "pbx")
    try:
        await pbx.start()
        config = write_settings(pbx)
        for name in ("did_answered", "blind_transfer_by_phone", "did_busy"):
            await play(pbx, FLOWS[name])
        await asyncio.sleep(15.5)  # what ended a moment ago may still be on its way, and is left for later
        done = await asyncio.to_thread(cti, config, "reconcile", "--since", "10m")
        assert (done.returncode, done.stderr) == (0, "")
        lines = done.stdout.splitlines()
        assert lines[0] == "main: the PBX has 3 calls, 0 agree; 3 missing, 0 wrong, 0 lost, 0 extra"
        assert len(lines) == 4
        again = await asyncio.to_thread(cti, config, "reconcile", "--since", "10m")
        assert again.stdout == "main: the PBX has 3 calls, 3 agree; 0 missing, 0 wrong, 0 lost, 0 extra\n"
        product = ProductProcess(tmp_path / "product", pbx.profile, data=str(pbx.folder / "product"))
        assert disagreements(await product.records(), read(pbx.cel)) == []
    finally:
        pbx.remove()


async def test_a_call_that_goes_on_through_a_restart_of_the_product(asterisk: Asterisk, tmp_path: Path) -> None:
    """Stopped in order and started again in mid-call: one record, right once the truth is asked."""
    settings = {"pbx_url": asterisk.ami_url(), "cdr_url": str(asterisk.truth)}
    product = ProductProcess(tmp_path, asterisk.profile, **settings)
    async with product:
        await until(product.ready, 20, product.log)
        playing = asyncio.create_task(play(asterisk, FLOWS["redirect_to_queue"]))

        async def talking() -> bool:
            return any(record.answered_at for record in await product.records())

        await until(talking, 20, "nobody talks")
        assert await product.stop() == 0
        await product.start()
        (true,) = read((await playing).cel)

        async def right() -> bool:
            mine = [record for record in await product.records() if record.linkedid in true.linkedids]
            return not disagreements(mine, [true])

        await until(right, 40, lambda: product.log())
        (record,) = [record for record in await product.records() if record.linkedid in true.linkedids]
        assert record.outcome == "answered"
        assert [move.kind for move in record.transfers] == ["redirect"]
