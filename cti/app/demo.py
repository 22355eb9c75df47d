"""The simulated PBX: inside the product where no PBX is configured, or alone as ``cti simulate``."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Any

from ami_listener.simulator.options import SimulatorOptions, profile
from ami_listener.simulator.server import SimulatorServer
from ami_listener.url import PbxUrl
from cti.kernel.settings import Settings
from cti.live.profile import Profile, ProfileSettings

NAME = "demo"


class Demo:
    """A simulated PBX on a free port of loopback. ``folder`` is where it writes its CDR and CEL."""

    def __init__(self, server: SimulatorServer, options: SimulatorOptions, folder: Path) -> None:
        self._server = server
        user = options.users[0]
        self.folder = folder
        self.profile = Profile(ProfileSettings(**profile(options)))  # type: ignore[arg-type]
        self.url = PbxUrl.parse(f"ami://{user.name}:{user.secret}@127.0.0.1:{server.port}/?name={NAME}")

    @classmethod
    async def start(cls, settings: Settings) -> Demo:
        """Bring it up."""
        folder = settings.folder / "demo"
        options = SimulatorOptions(port=0, calls_per_second=settings.demo_calls_per_second, cdr_folder=folder)
        server = SimulatorServer(options)
        await server.start()
        return cls(server, options, folder)

    async def stop(self) -> None:
        """Take it down; calls that are up end with it."""
        await self._server.stop()


async def simulate_forever(*, seed: int | None, **options: Any) -> None:
    """``cti simulate``: serve until Ctrl-C, or until the asked number of calls has been played."""
    if seed is not None:
        options["seed"] = seed
    server = SimulatorServer(SimulatorOptions(**options))
    await server.start()
    user = server.options.users[0]
    print(f"simulated PBX: ami://{user.name}:{user.secret}@{server.options.host}:{server.port}/", flush=True)
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    done = asyncio.create_task(server.played())
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({done, stop}, return_when=asyncio.FIRST_COMPLETED)
    for task in (done, stop):
        task.cancel()
    print(server.report(), flush=True)
    await server.stop()
