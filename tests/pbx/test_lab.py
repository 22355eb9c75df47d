"""The lab itself: Asterisk starts, its users may do what they should, phones call, and its own log shows the calls."""

import asyncio
import shutil
import sys
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.pbx import flows, flows_freepbx
from tests.pbx.asterisk import SECRETS, Asterisk
from tests.pbx.load import load
from tests.pbx.moves import Expected, Flow
from tests.pbx.phones import tone
from tests.pbx.play import play
from tests.pbx.probe import Probe
from tests.pbx.record import write
from tests.pbx.truth import Truth, read

pytestmark = pytest.mark.pbx
PLAIN = {flow.name: flow for flow in flows.FLOWS}
FREEPBX = {flow.name: flow for flow in flows_freepbx.FLOWS}
# CEL has no rows for these, so what they did to the call shows only elsewhere.
NOT_IN_CEL = {"redirect"}


def assert_true_of(expected: Expected, found: Truth) -> None:
    assert (found.direction, found.outcome, found.hung_up_by) == (
        expected.direction,
        expected.outcome,
        expected.hung_up_by,
    )
    assert tuple(one.kind for one in found.transfers) == tuple(k for k in expected.transfers if k not in NOT_IN_CEL)
    talked = {name.partition("/")[2] for name in found.talk}
    assert "*" in expected.talked or set(expected.talked) <= talked
    results = {leg.endpoint.partition("/")[2]: leg.result for leg in found.legs}
    assert set(expected.results.values()) <= set(results.values())
    assert "*" in expected.results or results.keys() == expected.results.keys()


async def hold_to_its_truth(asterisk: Asterisk, flow: Flow) -> None:
    result = await play(asterisk, flow)
    found = read(result.cel)
    assert len(found) == len(flow.calls)
    for expected, one in zip(flow.calls, found, strict=True):
        assert_true_of(expected, one)
        assert result.t0 <= one.started_at <= one.ended_at <= result.t1


@pytest.mark.parametrize(
    "name", ["did_answered", "blind_transfer_by_phone", "pickup_group", "attended_transfer_by_phone"]
)
async def test_plain_flows_are_what_they_say(asterisk: Asterisk, name: str) -> None:
    await hold_to_its_truth(asterisk, PLAIN[name])


@pytest.mark.parametrize("name", ["fp_queue_ringall", "fp_trunk_fails_over", "fp_two_devices"])
async def test_freepbx_flows_are_what_they_say(asterisk_freepbx: Asterisk, name: str) -> None:
    await hold_to_its_truth(asterisk_freepbx, FREEPBX[name])


@pytest.mark.parametrize("user", sorted(SECRETS))
async def test_every_user_logs_in(asterisk: Asterisk, user: str) -> None:
    async with Probe(asterisk.ami, user, SECRETS[user]) as probe:
        assert (await probe.send("CoreStatus"))["Response"] == "Success"
        assert any(one.get("Event") == "FullyBooted" for one in probe.messages)


async def test_a_wrong_secret_is_refused(asterisk: Asterisk) -> None:
    with pytest.raises(PermissionError):
        async with Probe(asterisk.ami, "listener", "wrong"):
            pass


async def test_the_listener_may_ask_but_not_act(asterisk: Asterisk) -> None:
    headers = {"Channel": "PJSIP/201", "Application": "Echo", "Async": "true"}
    async with Probe(asterisk.ami, "listener", SECRETS["listener"]) as listener:
        assert (await listener.send("Originate", **headers))["Message"] == "Permission denied"
        assert (await listener.send("CoreShowChannels"))["Response"] == "Success"
        assert (await listener.send("QueueStatus"))["Response"] == "Success"


async def test_a_browser_phone_may_speak_sip_over_websocket(asterisk: Asterisk) -> None:
    address = f"ws://{asterisk.ip}:{asterisk.ports['HTTP_PORT']}/ws"
    async with connect(address, subprotocols=[Subprotocol("sip")]) as socket:
        assert socket.subprotocol == "sip"


async def test_it_starts_within_ten_seconds_and_again_after_a_kill(tmp_path: Path) -> None:
    began = time.monotonic()
    other = Asterisk(folder=tmp_path / "pbx")
    try:
        await other.start()
        assert time.monotonic() - began < 10
        await other.restart(kill=True)
        await hold_to_its_truth(other, PLAIN["did_busy"])
    finally:
        other.remove()


async def test_nothing_outlives_the_process_that_started_it() -> None:
    script = (
        "import asyncio, os, signal; from tests.pbx.asterisk import Asterisk; a = Asterisk(); asyncio.run(a.start());"
        "print(a.process.pid, a.folder, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    pid, folder = output.decode().split()
    shutil.rmtree(folder)
    async with asyncio.timeout(5):
        while Path(f"/proc/{pid}").exists():  # noqa: ASYNC110, ASYNC240 (the kernel sends no event)
            await asyncio.sleep(0.05)


async def test_load_leaves_every_call_in_the_log(asterisk: Asterisk) -> None:
    before = asterisk.cel.stat().st_size if asterisk.cel.exists() else 0
    result = await load(asterisk, calls_per_second=20, total=40, talk_seconds=0.5)
    assert result.whole
    log = asterisk.cel.read_text(encoding="utf-8")[before:]
    assert all(f'"{number}"' in log for number in result.numbers)


async def test_a_recorded_trace_has_every_byte_and_its_time(asterisk: Asterisk, tmp_path: Path) -> None:
    result = await play(asterisk, PLAIN["did_busy"], tmp_path / "trace")
    write(result)
    rows = (tmp_path / "trace/ami-times.csv").read_text().splitlines()[1:]
    assert sum(int(row.split(",")[2]) for row in rows) == len((tmp_path / "trace/ami.raw").read_bytes())
    assert b"Event: Hangup" in result.ami
    assert (tmp_path / "trace/cdr.csv").read_text().startswith("linkedid,uniqueid,src,dst")
    assert "sip call" in (tmp_path / "trace/actions.log").read_text()


def test_a_tone_is_mu_law_of_its_pitch() -> None:
    assert len(tone(1000)) == 8000
    assert tone(1000)[:8] == tone(1000)[8:16]
    assert tone(0)[0] == 0xFF  # G.711: silence
