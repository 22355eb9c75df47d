"""A browser that has no network at all for a while in mid-call: no page, no line, no sound. The call is still there.

The cut is made by the routing of a network of its own (`unshare -n`, needs root), in which the same tests run once
more; so nothing else on this machine notices. The PBX's and the phones' own addresses are left alone there.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.live import until
from tests.pbx.asterisk import Asterisk
from tests.pbx.test_desk import Floor, floor

OWN = "TAMAS_OWN_NETWORK"
ROOT = Path(__file__).parents[2]
CUT_SECONDS = 10.0
LOCAL, CUT = "100", "1"
"""Priorities of routing rules: that of local addresses, and one before it."""
ADDRESS = "10.9.9.1"
UP = (
    "ip link set lo up && ip link add out0 type veth peer name out1 && ip link set out0 up && ip link set out1 up"
    f" && ip addr add {ADDRESS}/24 dev out0 && ip route add default via 10.9.9.2"
)
"""A browser looks for addresses that lead outside, and takes no others for sound."""
own_network = pytest.mark.skipif(OWN not in os.environ, reason="runs in a network of its own only")
pytestmark = [pytest.mark.pbx, pytest.mark.timeout(240)]


def test_in_a_network_of_its_own() -> None:
    if shutil.which("unshare") is None or os.geteuid() != 0 or OWN in os.environ:
        pytest.skip("a network of one's own needs root and unshare")
    run = f'{UP} && ip rule add pref {LOCAL} lookup local && ip rule del pref 0 && exec "$@"'
    command = ["unshare", "-n", "sh", "-c", run, "sh"]
    command += [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:xdist", "-m", "pbx", str(Path(__file__))]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {OWN: "1"}, capture_output=True, text=True, timeout=220)
    print(done.stdout)
    if "Operation not permitted" in done.stderr:
        pytest.skip("this machine gives no network of one's own")
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def no_sound() -> Iterator[None]:
    """Nothing that the browser sends by UDP arrives, nor what is sent to it."""
    rules = [
        ["pref", CUT, way, address, "ipproto", "udp", "blackhole"]
        for way in ("from", "to")
        for address in ("127.0.0.1", ADDRESS)
    ]
    for rule in rules:
        subprocess.run(["ip", "rule", "add", *rule], check=True)
    try:
        yield
    finally:
        for rule in rules:
            subprocess.run(["ip", "rule", "del", *rule[:-1]], check=True)


@own_network
async def test_the_call_survives_ten_seconds_without_any_network(tmp_path: Path) -> None:
    asterisk = Asterisk("plain")
    await asterisk.start()
    try:
        async with floor(asterisk, tmp_path, "210") as desks:
            page, line = desks.pages["210"], desks.lines["210"]
            await desks.calls_in()
            await desks.rings_at("210")
            await desks.answer("210")
            (before,) = desks.running.live()
            line.cut()
            line.freeze(newcomers=True)
            with no_sound():
                began = time.monotonic()
                await until(lambda: _silent(desks), 5, "the sound goes on")
                await asyncio.sleep(max(0.0, CUT_SECONDS - (time.monotonic() - began)))
                assert not await desks.hears("210")
            line.heal()
            healed = time.monotonic()
            await until(lambda: desks.hears("210"), 15, "the sound does not come back")
            print(f"sound again {time.monotonic() - healed:.1f} s after a cut of {CUT_SECONDS:g} s")
            (after,) = desks.running.live()
            assert [leg.channel for leg in after.legs] == [leg.channel for leg in before.legs]

            async def registered() -> bool:
                return bool(await page.evaluate("window.told?.status === 'ready'"))

            await until(registered, 30, "it does not register again")
            await expect(page.locator("tamas-bar [data-verb=hangup]")).to_be_visible(timeout=20_000)
            await page.keyboard.press("F9")
            record = await desks.over()
    finally:
        asterisk.remove()
    (leg,) = [leg for leg in record.legs if leg.extension == "210"]
    assert leg.result == "answered" and leg.talk_seconds > CUT_SECONDS and record.transfers == ()


async def _silent(desks: Floor) -> bool:
    return not await desks.hears("210")
