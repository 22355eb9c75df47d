"""What a simulated PBX is told at its start, and the profile that a listener needs for it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

_QUEUE_SHARE = 0.85
"""Share of calls that keep one phone of ours busy, roughly."""
_LIVELY_TALK, _LOAD_TALK = 17.0, 2.0
_LOAD_FROM = 5.0
"""Calls per second from which talks are short: nobody has phones enough for long ones."""


@dataclass(frozen=True, slots=True)
class AmiUser:
    """A login of the simulated ``manager.conf``: classes to read and write, ``all`` for every one."""

    name: str = "tamas"
    secret: str = "tamas"
    read: str = "all"
    write: str = "all"


@dataclass(frozen=True, slots=True)
class SimulatorOptions:
    """``speed``: simulated seconds per real one. ``calls``: stop making calls after so many (None: never).
    ``agents`` 0: as many as the calls need. ``talk_seconds`` 0: chosen by the load. ``seed``: the same seed
    plays the same calls. ``cdr_folder``: where to write ``cdr.csv`` and ``cel.csv``, as Asterisk does.
    ``cel_events``: send CEL and Cdr on AMI too, which a production PBX does only if told to.
    ``write_timeout``: seconds after which a client that does not read is cut (``writetimeout``).
    ``start_at``: epoch seconds at which simulated time begins (None: now). ``breaks``: agents pause now
    and then. ``truth_limit``: how many finished calls are remembered.
    """

    host: str = "127.0.0.1"
    port: int = 5038
    calls_per_second: float = 0.4
    agents: int = 12
    seed: int = 1
    speed: float = 1.0
    calls: int | None = None
    talk_seconds: float = 0.0
    cdr_folder: Path | None = None
    cel_events: bool = False
    write_timeout: float = 5.0
    start_at: float | None = None
    breaks: bool = True
    truth_limit: int = 200_000
    users: tuple[AmiUser, ...] = field(default=(AmiUser(),))

    @property
    def talk(self) -> float:
        """Median talk, seconds."""
        return self.talk_seconds or (_LOAD_TALK if self.calls_per_second > _LOAD_FROM else _LIVELY_TALK)

    @property
    def scale(self) -> float:
        """How much faster than in life people ring, wait and decide, so that short talks stay short calls."""
        return min(1.0, max(0.05, self.talk / _LIVELY_TALK))

    @property
    def phones(self) -> int:
        """Number of agents: as told, or enough for the calls with some to spare."""
        if self.agents:
            return self.agents
        busy = self.calls_per_second * _QUEUE_SHARE * (1.4 * self.talk + 9.0 * self.scale)
        return max(12, math.ceil(busy / 0.7))


_EXTENSIONS = ((99, 201, r"^(1\d\d|2\d\d)$"), (2900, 2001, r"^[2-4]\d\d\d$"), (70_000, 20_001, r"^\d{5}$"))
"""Up to how many phones, first extension, and the pattern that is all of them."""


def extension(index: int, phones: int) -> str:
    """The number of the n-th phone: 201 and up, longer where hundreds are needed."""
    first = next(first for most, first, _ in _EXTENSIONS if phones <= most)
    return str(first + index)


def profile(options: SimulatorOptions) -> dict[str, str]:
    """The PBX's profile: which endpoints are phones and which lead outside."""
    return {
        "preset": "plain",
        "extensions": next(pattern for most, _, pattern in _EXTENSIONS if options.phones <= most),
        "trunks": "^trunk.*$",
        "outside_prefix": "",
        "area_code": "021",
    }


def profile_toml(options: SimulatorOptions, name: str = "main") -> str:
    """The same as the TOML text that ``--profile`` takes."""
    lines = [f"[pbx.{name}]", *(f"{key} = '{value}'" for key, value in profile(options).items())]
    return "\n".join(lines) + "\n"
