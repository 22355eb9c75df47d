"""Wallboards wired into the product: filled with what is now, and told each second to whoever looks at one.

Neighbours: ``crm_core.wallboards`` keeps them, ``screenpop.walls`` fills them, ``web.pages.wall`` is the page.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from crm_core.agents.service import Agents
from cti.kernel.clock import Clock
from cti.live.today import FiguresToday
from screenpop.feed import Feed
from screenpop.presenter import peer_of
from screenpop.walls import Walls
from web.services import Crm

if TYPE_CHECKING:
    from cti.app.product import Product

TURN_SECONDS = 1.0


async def begin(product: Product) -> None:
    """Boards are read, and go on with the day. The day's figures have begun by now."""
    await product.crm.wallboards.load()
    walls = hang(product.crm, product.feed, product.today.figures)
    product.tasks.start("wallboards", lambda: turn(walls, product.clock))


def hang(crm: Crm, feed: Feed, figures: FiguresToday) -> Walls:
    """Boards that can be looked at; one that is changed shows so at once."""
    walls = Walls(feed, crm.wallboards.known, figures, lambda: crm.figure_rules.now, lambda: at_phones(crm.agents))
    crm.wallboards.changed = lambda _board: walls.turn()
    return walls


async def turn(walls: Walls, clock: Clock) -> None:
    """Go on, for as long as the product runs."""
    while True:
        for _ in walls.turns():
            await asyncio.sleep(0)
        await clock.sleep(TURN_SECONDS)


def at_phones(agents: Agents) -> dict[str, dict[str, Any]]:
    """What colleagues see of our users, by PBX/peer of the phone where each works."""
    found = {}
    for user in agents.floor.users():
        phone, told = agents.floor.phone(user), agents.colleague(user)
        if phone is not None and told is not None:
            found[f"{phone[0]}/{peer_of(phone[1])}"] = told
    return found
