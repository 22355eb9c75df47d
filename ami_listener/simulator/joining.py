"""The application Bridge: a channel takes another one out of whatever it does, and the two talk.

What Tamas's own include is made of (``demo.contexts`` has it in short): whoever consults, and the caller who waits
meanwhile, are joined, parted and joined anew by it. Neighbours: ``talk`` is the conversation that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ami_listener.simulator.life import Detour, Left
from ami_listener.simulator.talk import Conversation, Style

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.pbx import Pbx
    from ami_listener.simulator.schedule import Script

PARTING_SECONDS = 0.001
"""Whoever the other one talked with has parted from it by then."""


def bridge(pbx: Pbx, channel: Channel, data: str) -> Script:
    """``name,options``: joins with the channel of that name; the dialplan goes on after the talk."""
    other = pbx.channels.get(data.partition(",")[0])
    if other is None or other is channel:
        pbx.set_variable(channel, "BRIDGERESULT", "NONEXISTENT")
        return
    if other.owner is not None and other.owner is not other.process:
        other.owner.post(Left(other, "moved"))
    if other.process is not None and not other.process.done:
        other.process.post(Detour(_joined(), False, False))
    other.owner = channel.process
    until = pbx.now + PARTING_SECONDS
    while pbx.now < until:
        yield until - pbx.now
    if other.gone:
        pbx.set_variable(channel, "BRIDGERESULT", "NONEXISTENT")
        return
    room = pbx.new_bridge()
    pbx.leave(other)
    pbx.enter(room, other)
    pbx.enter(room, channel)
    yield from Conversation(pbx, channel, other, Style(dial=False), pbx.now).run()
    pbx.set_variable(channel, "BRIDGERESULT", "SUCCESS")


def _joined() -> Script:
    """The life of a channel that was taken: whoever took it leads."""
    while True:
        yield None
