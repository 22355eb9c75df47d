"""Playback joined to the product: where its journals are, what is known of its endpoints, who is told.

Neighbours: ``screenpop.playbacks`` has the playbacks, ``process`` a player, ``product`` begins and ends it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cti.app.past.archive import Archive
from cti.app.past.frames import Begin, PbxPast
from cti.app.past.process import PastProcess
from cti.kernel.actor import Actor
from cti.live.record import rfc3339
from screenpop.playbacks import Playbacks, Sight

if TYPE_CHECKING:
    from cti.app.product import Product


def playbacks_of(product: Product) -> Playbacks:
    """Of a product whose PBXs may not be known yet."""
    crm, settings = product.crm, product.settings

    def folders() -> dict[str, Path]:
        return {x.url.name: settings.folder / "journal" / x.url.name for x in product.listeners}

    archive = Archive(
        product.database,
        product.ledger,
        crm.lookup,
        crm.desks,
        crm.agents,
        lambda: crm.agent_rules.now,
        lambda: crm.figure_rules.now,
        folders,
        settings.timezone,
    )

    async def begin(sight: Sight) -> PastProcess:
        pbxs = tuple(
            PbxPast(x.url.name, str(folders()[x.url.name]), x.profile.settings, x.profile.told())
            for x in product.listeners
        )
        order = Begin(
            pbxs=pbxs,
            region=settings.region,
            timezone=settings.timezone,
            language=settings.language,
            sight=sight,
        )
        return await PastProcess.start(order, archive)

    def note(actor: Actor, at: float) -> None:
        minute = at - at % 60  # who goes to and fro in it looks at one thing
        crm.audit.saw(actor, "past", rfc3339(minute) or "")

    playbacks = Playbacks(product.feed.hub, product.clock, begin, archive.span, note)
    product.feed.plays, product.feed.playback_snapshot = playbacks.plays, playbacks.snapshot
    return playbacks
