"""One Asterisk of the lab: its own folder, loopback address and configuration; tests start, stop, kill and restart it.

The program comes from `tests.pbx.debian`, the configuration from `tests/pbx/conf` with every `@NAME@` filled in. Any
number of instances run side by side; each keeps all that it writes in its own temporary folder.
"""

import asyncio
import itertools
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from ami_listener import dialplan
from cti.live.profile import Preset
from tests.pbx.debian import install, modules, program

CONF = Path(__file__).parent / "conf"
# Of each dialplan, who can be called: phones and trunks.
PHONES = {
    "plain": ("201", "202", "203", "204", "209", "load", "trunk"),
    "freepbx": ("201", "99201", "202", "203", "204", "load", "trunk-a", "trunk-b"),
}
PRESETS: dict[str, Preset] = {"plain": "plain", "freepbx": "freepbx"}
SERVICES = {"AMI_PORT": 5038, "SIP_PORT": 5060, "HTTP_PORT": 8088, "MEDIA_PORT": 8089}
SECRETS = {"listener": "listener-secret", "actions": "actions-secret", "recorder": "recorder-secret"}
# All below the kernel's ephemeral ports, which may be in use on every address.
LOCK_PORT, FIRST_PHONE_PORT, FIRST_FREE_PORT = 5039, 5201, 20000
RTP_START, RTP_END = 10000, 18000
START_SECONDS = 30.0
CEL_HEADER = (
    "eventtype,eventtime,cid_num,cid_name,exten,context,channame,appname,appdata,uniqueid,linkedid,peer,extra\n"
)
CDR_HEADER = (
    "linkedid,uniqueid,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,"
    "disposition,sequence\n"
)


class Address:
    """A loopback address of its own (127.x.y.z), kept for as long as this object lives by a socket bound to it.

    So every instance has all port numbers for itself: no test ever races another one for a port.
    """

    def __init__(self) -> None:
        while True:
            self.ip = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
            self._lock = socket.socket()
            try:
                self._lock.bind((self.ip, LOCK_PORT))
            except OSError:
                self._lock.close()
                continue
            self._ports = itertools.count(FIRST_FREE_PORT, 10)
            return

    def next_port(self) -> int:
        """A port nobody else here uses, with the nine above it."""
        return next(self._ports)

    def release(self) -> None:
        self._lock.close()


def outward() -> str:
    """This machine's address on the way outside, which a PBX would offer for sound; nothing is sent there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("203.0.113.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(asking.getsockname()[0])


class Asterisk:
    """A PBX on loopback. `dialplan` names a folder of tests/pbx/conf; `folder` must not exist or be empty."""

    def __init__(self, dialplan: str = "plain", folder: Path | None = None, system_name: str = "") -> None:
        self.dialplan = dialplan
        self.folder = folder or Path(tempfile.mkdtemp(prefix="tamas-lab-"))
        self._temporary = folder is None
        self.system_name = system_name
        self.phones = PHONES[dialplan]
        self.address = Address()
        self.ports = SERVICES | {f"PORT_{phone}": port for port, phone in enumerate(self.phones, FIRST_PHONE_PORT)}
        self.process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def ip(self) -> str:
        return self.address.ip

    @property
    def sip(self) -> str:
        """Where SIP requests go: `address:port`."""
        return f"{self.ip}:{self.ports['SIP_PORT']}"

    @property
    def ami(self) -> tuple[str, int]:
        return self.ip, self.ports["AMI_PORT"]

    def phone_port(self, name: str) -> int:
        """The UDP port at which the PBX expects that phone or trunk."""
        return self.ports[f"PORT_{name}"]

    def ami_url(self, user: str = "listener", name: str = "main") -> str:
        return f"ami://{user}:{SECRETS[user]}@{self.ip}:{self.ports['AMI_PORT']}/?name={name}"

    @property
    def profile(self) -> Path:
        """The TOML that says which endpoints of this dialplan are phones and which lead outside."""
        return CONF / self.dialplan / "profile.toml"

    @property
    def truth(self) -> Path:
        """The folder with cel.csv and cdr.csv, as the product's CTI_CDR_URL wants it."""
        return self.folder / "truth"

    @property
    def cel(self) -> Path:
        return self.truth / "cel.csv"

    @property
    def cdr(self) -> Path:
        return self.truth / "cdr.csv"

    @property
    def queue_log(self) -> Path:
        return self.folder / "log/queue_log"

    def configure(self) -> None:
        """Writes the configuration and the empty folders; keeps what an earlier run of this instance left."""
        for name in ("etc", "run", "db", "lib/moh", "lib/keys", "lib/sounds/custom", "log", "spool"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        values = self._values()
        for path in (*CONF.glob("common/*.conf"), *CONF.glob(f"{self.dialplan}/*.conf")):
            text = re.sub(r"@([A-Za-z_0-9-]+)@", lambda found: values[found[1]], path.read_text(encoding="utf-8"))
            (self.folder / "etc" / path.name).write_text(text, encoding="utf-8")
        (self.folder / "etc" / dialplan.FILE).write_text(dialplan.text(PRESETS[self.dialplan]), encoding="utf-8")
        # Ten seconds of silence: without a file there is no music class, and AMI then never says that music started.
        (self.folder / "lib/moh/silence.ulaw").write_bytes(b"\xff" * 80_000)
        self._prepare_truth()

    def _values(self) -> dict[str, str]:
        root = install()
        return {
            "IP": self.ip,
            "DIR": str(self.folder),
            "MODULES": str(modules(root)),
            "DATA": str(root / "usr/share/asterisk"),
            "SYSTEM": self.system_name,
            "OUTWARD": outward(),
            "RTP_START": str(RTP_START),
            "RTP_END": str(RTP_END),
            **{name: str(port) for name, port in self.ports.items()},
        }

    def _prepare_truth(self) -> None:
        """Asterisk insists on two folders under its log folder, and writes no header lines; the product reads one."""
        self.truth.mkdir(exist_ok=True)
        for path, header in ((self.cel, CEL_HEADER), (self.cdr, CDR_HEADER)):
            link = self.folder / "log" / f"{path.stem}-custom"
            if not link.is_symlink():
                link.symlink_to(self.truth)
                path.write_text(header)

    async def start(self) -> None:
        """Runs it and returns when it is fully booted; RuntimeError with the log's end if it does not get there."""
        seen = len(self._messages())
        await asyncio.to_thread(self._launch)
        try:
            await asyncio.wait_for(self._booted(seen), START_SECONDS)
        except (TimeoutError, ChildProcessError) as error:
            self.kill()
            raise RuntimeError(f"Asterisk did not start: {error!r}\n{self.log()[-2000:]}") from error

    def _launch(self) -> None:
        self.configure()
        command = [*program(install()), "-C", str(self.folder / "etc/asterisk.conf"), "-f", "-n", "-q"]
        with (self.folder / "log/console").open("ab") as console:
            self.process = self.spawn(command, self.folder, console)

    def spawn(self, command: list[str], folder: Path, output: IO[bytes]) -> subprocess.Popen[bytes]:
        """Starts a program of this instance, which dies with us however we die.

        A shell leads their process group and reads a pipe that only we hold; when it closes, it ends the group.
        """
        if self._guard is None:
            shell = ["sh", "-c", "read _; kill -9 0"]
            self._guard = subprocess.Popen(shell, stdin=subprocess.PIPE, process_group=0)
        return subprocess.Popen(
            command,
            cwd=folder,
            process_group=self._guard.pid,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )

    async def _booted(self, seen: int) -> None:
        """Ready, by its log from byte `seen` on, and AMI answers.

        Nobody knocks before that: an AMI login while the modules load has been seen to stop the start for good.
        """
        while b"Asterisk Ready" not in self._messages()[seen:]:
            if self.process is None or self.process.poll() is not None:
                raise ChildProcessError("it ended while starting")
            await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection(*self.ami)
        await reader.readuntil(b"Asterisk Call Manager")
        writer.close()

    def _messages(self) -> bytes:
        path = self.folder / "log/messages.log"
        return path.read_bytes() if path.exists() else b""

    def log(self) -> str:
        """What it logged and printed."""
        paths = (self.folder / "log/console", self.folder / "log/messages.log")
        return "\n".join(path.read_text(errors="replace") for path in paths if path.exists())

    async def cli(self, command: str) -> str:
        """What it answers to a command of its console, such as `core show channels`."""
        asked = [*program(install()), "-C", str(self.folder / "etc/asterisk.conf"), "-rx", command]
        process = await asyncio.create_subprocess_exec(*asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return (await process.communicate())[0].decode("utf-8", "replace")

    def kill(self) -> None:
        """As when the power fails: no goodbye to phones, AMI or log files."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """In order: hangs up, writes the last records, says Shutdown on AMI."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    async def restart(self, *, kill: bool = False) -> None:
        """The same ports and files; channel names and bridges begin again."""
        self.kill() if kill else self.stop()
        await self.start()

    def remove(self) -> None:
        """Stops it and deletes all that it wrote."""
        self.stop()
        self.address.release()
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
