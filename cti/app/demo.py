"""The simulated PBX: inside the product where no PBX is configured, or alone as ``cti simulate``."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from ami_listener.simulator.options import SimulatorOptions, profile, profile_toml
from ami_listener.simulator.server import Simulator, simulate
from ami_listener.url import PbxUrl
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings
from cti.live.profile import Profile, settings_from

NAME = "demo"


class Demo:
    """A simulated PBX on a free port of loopback. ``folder`` is where it writes its CDR and CEL."""

    def __init__(self, simulator: Simulator, folder: Path) -> None:
        options = simulator.options
        user = options.users[0]
        self.simulator = simulator
        self.folder = folder
        self.profile = Profile(settings_from(dict(profile(options)), "IR"))
        self.url = PbxUrl.parse(f"ami://{user.name}:{user.secret}@127.0.0.1:{simulator.port}/?name={NAME}")
        self._running = asyncio.create_task(simulator.run(), name="demo pbx")

    @classmethod
    async def start(cls, settings: Settings) -> Demo:
        """Bring it up."""
        folder = settings.folder / "demo"
        options = SimulatorOptions(port=0, calls_per_second=settings.demo_calls_per_second, cdr_folder=folder)
        simulator = Simulator(options)
        await simulator.start()
        return cls(simulator, folder)

    async def stop(self) -> None:
        """Take it down; calls that are up end with it."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self.simulator.stop()


async def simulate_forever(*, seed: int | None, **options: Any) -> None:
    """``cti simulate``: serve until Ctrl-C, or until the asked number of calls has been played."""
    if seed is not None:
        options["seed"] = seed
    task = asyncio.create_task(simulate(SimulatorOptions(**options), _say_where))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await task
    except OSError as error:
        raise ConfigurationError(f"the simulated PBX cannot be served there: {error.strerror}") from error


def _say_where(simulator: Simulator) -> None:
    options = simulator.options
    user = options.users[0]
    print(f"# simulated PBX: CTI_PBX_URL=ami://{user.name}:{user.secret}@{options.host}:{simulator.port}/?name=main")
    print(profile_toml(options), end="", flush=True)
