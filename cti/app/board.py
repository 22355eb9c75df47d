"""The live board wired to what our users say of themselves and to the figures of the day.

Neighbours: ``crm_core.agents`` and ``cti.app.figures`` have these, ``screenpop.board`` shows them, ``product`` begins.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from crm_core.agents.service import Agents
from cti.live.agents import AgentChanged
from screenpop.feed import GATHER_SECONDS
from screenpop.figured import Figured
from screenpop.seats import AgentNow

if TYPE_CHECKING:
    from cti.app.product import Product


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
    agent, phone = agents.floor.agent(user), agents.floor.phone(user)
    pbx, endpoint, ext, reachable = phone or ("", "", "", None)
    return AgentNow(
        user,
        told["name"],
        agent.own,
        agent.since,
        agents.reason(user),
        agent.wrap.until if agent.wrap is not None else None,
        reachable,
        pbx,
        endpoint,
        ext,
    )
