"""Phones and outside lines, each a sipp process that plays a scenario of `tests.pbx.scenario`.

A phone that is called listens at the port the PBX's configuration gives it; a caller takes any free port (the PBX knows
phones by their From, everybody else on loopback as the trunk).
"""

import asyncio
import math
import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.pbx.asterisk import Asterisk
from tests.pbx.debian import LabMissingError
from tests.pbx.scenario import Caller, Scenario, Step

LISTEN_SECONDS = 5.0


class Phones:
    """All sipp processes of one flow. `close` ends those that still run: only ever our own, by their pid."""

    def __init__(self, asterisk: Asterisk, folder: Path) -> None:
        self._asterisk, self._folder = asterisk, folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._running: list[subprocess.Popen[bytes]] = []
        tool = shutil.which("sipp")
        if tool is None:
            raise LabMissingError("sipp is not installed (Debian, Ubuntu: apt install sip-tester)")
        self._tool = tool

    async def listen(self, name: str, *steps: Step) -> None:
        """The phone `name` will do this with every call it gets; returns when it listens."""
        port = self._asterisk.phone_port(name)
        self._start(f"uas-{name}", Scenario(steps, sound=self._tone(name)).xml(), "-p", str(port))
        async with asyncio.timeout(LISTEN_SECONDS):
            while not listening(self._asterisk.ip, port):  # noqa: ASYNC110 (the kernel sends no event)
                await asyncio.sleep(0.01)

    def call(self, caller: Caller, number: str, *steps: Step) -> subprocess.Popen[bytes]:
        """Starts one caller; the process ends when the call has."""
        xml = Scenario(steps, caller, number, self._tone(caller.number)).xml()
        return self._start(f"uac-{len(self._running)}", xml, "-m", "1", *self._port())

    def crowd(self, callers: list[Caller], rate: float, number: str, *steps: Step) -> subprocess.Popen[bytes]:
        """Starts all these callers, `rate` a second; the process ends when the last call has.

        They are silent: a thousand streams of sound would be a load of their own. Exit code 0: every call went as
        its steps say.
        """
        name = f"crowd-{len(self._running)}"
        lines = ["SEQUENTIAL", *(f"{caller.number};{caller.name}" for caller in callers)]
        (self._folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        xml = Scenario(steps, Caller("[field0]", "[field1]"), number).xml()
        total = str(len(callers))
        options = ("-m", total, "-l", total, "-r", f"{rate:g}", "-inf", f"{name}.csv")
        return self._start(name, xml, *options, *self._port())

    def refer(self, call_id: str, xml: str) -> subprocess.Popen[bytes]:
        """Sends one request inside a dialog that another of these processes holds."""
        return self._start(f"refer-{len(self._running)}", xml, "-m", "1", "-cid_str", call_id, *self._port())

    def _tone(self, name: str) -> Path | None:
        """A second of a tone that only this phone has, so that recordings tell who spoke; `load` is silent."""
        if name == "load":
            return None
        path = self._folder / f"{name}.ul"
        path.write_bytes(tone(300 + 10 * (sum(name.encode()) % 100)))
        return path

    def _port(self) -> tuple[str, str]:
        return "-p", str(self._asterisk.address.next_port())

    def _start(self, name: str, xml: str, *options: str) -> subprocess.Popen[bytes]:
        path = self._folder / f"{name}.xml"
        path.write_text(xml, encoding="utf-8")
        ip, port = self._asterisk.ip, self._asterisk.address.next_port()
        command = [self._tool, self._asterisk.sip, "-sf", path.name, "-nostdin", "-i", ip, "-mi", ip, "-ci", ip]
        command += ["-mp", str(port), "-cp", str(port + 4), *options]
        command += ["-default_behaviors", "all,-abortunexp", "-trace_err", "-error_file", f"{name}.err"]
        if os.environ.get("TAMAS_SIP_TRACE"):
            command += ["-trace_msg", "-message_file", f"{name}.msg"]
        with (self._folder / f"{name}.out").open("wb") as out:
            process = self._asterisk.spawn(command, self._folder, out)
        self._running.append(process)
        return process

    def close(self) -> None:
        for process in self._running:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
        for process in self._running:
            process.wait()
        self._running.clear()


def listening(ip: str, port: int) -> bool:
    """True if something on this machine has that UDP port; the kernel's list has addresses byte by byte reversed."""
    entry = f"{bytes(reversed(bytes(map(int, ip.split('.'))))).hex().upper()}:{port:04X} "
    return any(entry in line for line in Path("/proc/net/udp").read_text().splitlines())


def tone(hertz: float, seconds: float = 1.0, amplitude: float = 8000.0) -> bytes:
    """A sine at 8000 samples a second in G.711 mu-law."""
    return bytes(
        _mu_law(round(amplitude * math.sin(2 * math.pi * hertz * n / 8000))) for n in range(int(8000 * seconds))
    )


def _mu_law(sample: int) -> int:
    """ITU-T G.711: sign, three bits of exponent, four of mantissa, all inverted."""
    sign, size = (0x80 if sample < 0 else 0), min(abs(sample), 32635) + 132
    exponent = size.bit_length() - 8
    return ~(sign | exponent << 4 | size >> exponent + 3 & 0x0F) & 0xFF
