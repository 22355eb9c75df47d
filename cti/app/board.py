"""The live board wired to what our users say of themselves and to the figures of the day.

Neighbours: ``crm_core.agents`` and ``cti.app.figures`` have these, ``screenpop.board`` shows them, ``product`` begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from crm_core.agents.service import Agents
from cti.live.agents import Agent, AgentChanged
from screenpop.feed import GATHER_SECONDS
from screenpop.figured import Figured
from screenpop.seats import AgentNow

if TYPE_CHECKING:
    from cti.app.product import Product

Phone = tuple[str, str, str, bool | None]
"""PBX and endpoint (empty where no PBX tells of it), extension, and whether it can be reached."""


async def begin(product: Product) -> None:
    """The board shows them from now on. Agents and the day's figures have begun by now."""
    feed, agents = product.feed, product.crm.agents
    feed.soon = partial(asyncio.get_running_loop().call_later, GATHER_SECONDS)
    feed.board.figured = Figured(product.today.figures, lambda: product.crm.figure_rules.now)

    def changed(events: Sequence[AgentChanged]) -> None:
        feed.tell([now_of(agents, user) for user in dict.fromkeys(event.user for event in events)])

    def again(_missed: int = 0) -> None:
        users = agents.floor.users() | feed.board.staff.seats.own.keys()
        feed.tell([now_of(agents, user) for user in sorted(users)])

    product.bus.subscribe_batches("agents on the board", AgentChanged, changed, on_gap=again)
    again()


def now_of(agents: Agents, user: str) -> AgentNow:
    """What a user says of himself, whatever his phone does."""
    told = agents.colleague(user)
    if told is None:
        return AgentNow(user, there=False)
    return shown(agents.floor.agent(user), told["name"], agents.reason(user), agents.floor.phone(user))


def shown(agent: Agent, name: str, reason: Mapping[str, str] | None, phone: Phone | None) -> AgentNow:
    """An agent as the board takes him in; ``phone``: where he works."""
    until = agent.wrap.until if agent.wrap is not None else None
    pbx, endpoint, ext, reachable = phone or ("", "", "", None)
    return AgentNow(agent.user, name, agent.own, agent.since, reason, until, reachable, pbx, endpoint, ext)
