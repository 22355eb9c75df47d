"""Agents wired into the product: they hear of calls, queues and phones, drive the PBXs, and show on screens.

Neighbours: ``crm_core.agents`` does the work, ``screenpop.agents`` pushes it, ``product`` begins and ends it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from crm_core.agents import floor
from crm_core.results.events import ResultSaved
from crm_core.users.desks import PeopleAtPhones
from cti.app.accounts import DEMO
from cti.kernel.actor import system
from cti.live.agents import AgentChanged
from cti.live.events import LiveCall
from screenpop import told
from screenpop.agents import AgentScreens

DEMO_SECONDS = 0.2
"""How often it is looked whether the demo's PBX has told of its queues."""

if TYPE_CHECKING:
    from cti.app.product import Product


async def begin(product: Product) -> None:
    """Take over what was written down and how things stand, and go on by itself. The PBXs are known by now."""
    agents, bus = product.crm.agents, product.bus
    agents.connect(product.pbxs, {x.url.name: x.profile.settings.preset for x in product.listeners})
    agents.publish, agents.settled = bus.publish, lambda: settled(product)
    agents.kind_of = product.control.phonebook.kind
    agents.calls_today = lambda user: int(product.today.figures.agent(user)["calls"])
    reach = product.crm.reach
    reach.signed_in = agents.floor.in_queues
    bus.subscribe("reach", PeopleAtPhones, reach.take, on_gap=lambda _: product.crm.desks.tell_again())
    await agents.start()
    screens = AgentScreens(product.feed, agents)
    bus.subscribe_batches("agent screens", AgentChanged, screens.take, on_gap=lambda _: screens.again())
    bus.subscribe_batches("agents", (*floor.KINDS, ResultSaved), agents.take_many, on_gap=lambda _: load(product))
    product.crm.supervising.publish = bus.publish
    bus.subscribe("told to agents", told.HEARD, lambda event: told.tell(product.feed, event))
    load(product)
    product.tasks.start("agents", agents.run)
    product.tasks.start("agents written", agents.write)
    product.tasks.start("agents driven", agents.drive)
    if product.demo is not None:
        product.tasks.start("demo agents", lambda: open_demo(product))


async def open_demo(product: Product) -> None:
    """The agents of the demo sign in by themselves the first time, so that there is something to see; later they stay
    as they were left."""
    crm, waiting = product.crm, {draft.login for draft in DEMO if draft.role == "agent"}
    while product.web is None:
        await product.clock.sleep(DEMO_SECONDS)
    while waiting and product.demo_lines:
        await product.clock.sleep(DEMO_SECONDS)
        await crm.agents.look()
        for user in await crm.users.directory(system("demo")):
            agent = crm.agents.floor.agent(user.id)
            told = agent.since or crm.agents.floor.open_to(user.id, ())
            if user.login in waiting and told:
                waiting.discard(user.login)
                if not agent.since:
                    agent.sign_in(product.clock.now(), crm.agents.memberships(agent, None)[0])
                    await crm.agents.done(agent)


def load(product: Product) -> None:
    """How things stand now, in place of events that were missed."""
    product.crm.desks.tell_again()
    calls = [call for x in product.listeners for call in x.tracker.snapshot()]
    queues = [queue for x in product.listeners for queue in x.tracker.queues()]
    product.crm.agents.load(calls, queues, [x.link for x in product.listeners if x.link is not None])


def settled(product: Product) -> Mapping[str, Sequence[LiveCall]]:
    """The PBXs that have been asked how things stand since their link came up, and the calls there."""
    return {x.url.name: x.tracker.snapshot() for x in product.listeners if x.asked}
