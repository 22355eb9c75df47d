"""The softphone behind a network that lets no sound through but by a TURN server: a real one (coturn), which it must
find in the settings, sign in to, and send all of its sound through."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.live import until
from tests.pbx.asterisk import Asterisk
from tests.pbx.test_softphone import WATCHED, Desk, at_the_desk, callers, ring

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(180)]

USER, SECRET = "tamas", "relay-secret"
RELAYED = WATCHED.replace("super(...given)", 'super({ ...given[0], iceTransportPolicy: "relay" })', 1)
"""No address of the browser's own is used: as where a firewall stops what does not come from the relay."""
WAY = """
async () => {
  for (const one of window.connections) {
    const seen = await one.getStats();
    for (const pair of seen.values())
      if (pair.type === "candidate-pair" && pair.nominated && pair.bytesReceived > 0)
        return seen.get(pair.localCandidateId).candidateType;
  }
  return null;
}
"""


@asynccontextmanager
async def relay(folder: Path) -> AsyncIterator[str]:
    """A TURN server on loopback; its address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder / "turn.log").open("wb")
    server = await asyncio.create_subprocess_exec(
        "turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
        f"--listening-port={port}", "--allow-loopback-peers", "--lt-cred-mech", f"--user={USER}:{SECRET}",
        "--realm=tamas", "--log-file=stdout", f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.db'}",
        stdout=log, stderr=log,
    )  # fmt: skip
    try:
        await until(lambda: _answers(port), 20, lambda: (folder / "turn.log").read_text())
        yield f"127.0.0.1:{port}"
    finally:
        server.kill()
        await server.wait()
        log.close()


def _answers(port: int) -> bool:
    """Whether a STUN server is there: a Binding request without attributes (RFC 8489, section 5)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.2)
        asking.connect(("127.0.0.1", port))
        try:
            asking.send(bytes.fromhex("000100002112a442") + b"is it there?")
            return asking.recv(100).startswith(bytes.fromhex("0101"))
        except OSError:
            return False


async def test_all_sound_goes_through_the_relay(asterisk: Asterisk, tmp_path: Path) -> None:
    assert RELAYED != WATCHED
    async with (
        relay(tmp_path) as address,
        at_the_desk(asterisk, tmp_path, RELAYED, ice_servers=f"turn:{USER}:{SECRET}@{address}") as desk,
        callers(asterisk, tmp_path / "sipp") as phones,
    ):
        await ring(desk, phones)
        await desk.page.evaluate("tell('answer')")
        await desk.call_is("talking")
        await until(lambda: _both_ways(desk), 20, lambda: (tmp_path / "turn.log").read_text())
        assert await desk.page.evaluate(WAY) == "relay"
        await desk.page.evaluate("tell('hangup')")
        await until(lambda: desk.channel() is None, 10)


async def _both_ways(desk: Desk) -> bool:
    now = await desk.figures()
    return now["sent"] > 50 and now["received"] > 50 and now["energy"] > 0
