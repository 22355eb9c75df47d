"""What is known of a supervisor who hears a call, and what is told of it. Values only; ``spying`` makes them."""

from __future__ import annotations

from typing import Literal

import msgspec

from cti.control.port import SpyMode

State = Literal["begins", "heard", "waits", "over"]
"""``waits``: whom he heard has left, the call goes on, and he hears whoever of his agents takes it next."""
Why = Literal["", "wrong", "no_phone", "no_socket", "no_right", "other_team"]
"""Why it ended otherwise than by being stopped, or with the call. ``wrong``: the PBX let another channel be heard;
``other_team``: the call went on to somebody whom he does not reach."""


class Monitor(msgspec.Struct, frozen=True):
    """``user`` (id, and his name ``by``) hears ``extension`` in ``call``. ``uniqueid`` of his own channel, ``spied``
    that of the agent's; ``agents``: the users (ids) who work there, ``agent`` their names. ``heard_at``: since when,
    None while it begins; ``left_at``: when the agent left, and the call went on without him."""

    id: str
    pbx: str
    call: str
    user: str
    by: str
    mode: SpyMode
    browser: bool
    uniqueid: str
    spied: str
    extension: str
    agents: tuple[str, ...]
    agent: str
    since: float
    heard_at: float | None = None
    left_at: float | None = None

    @property
    def state(self) -> State:
        if self.left_at is not None:
            return "waits"
        return "begins" if self.heard_at is None else "heard"


class Told(msgspec.Struct, frozen=True):
    """What became of a monitor: it began, it is heard, or is over. ``goes_on``: over for the agent, who has left; who
    listened hears whoever takes the call next."""

    monitor: Monitor
    over: bool = False
    why: Why = ""
    goes_on: bool = False

    @property
    def state(self) -> State:
        if self.goes_on:
            return "waits"
        return "over" if self.over else self.monitor.state
