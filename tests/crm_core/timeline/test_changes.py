"""What happened to parties stands in their streams."""

from __future__ import annotations

from crm_core.contacts.events import PartiesMerged
from crm_core.timeline.changes import Changes
from crm_core.timeline.kinds.system import SystemFacts
from crm_core.timeline.model import of_party
from tests.crm_core.timeline.people import party
from tests.crm_core.timeline.test_service import whole
from web.services import Crm


async def test_merged_and_taken_apart(crm: Crm) -> None:
    maryam, double = await party(crm, "مریم"), await party(crm, "مریم ر.")
    news = [PartiesMerged(double.id, maryam.id, 10.0), PartiesMerged(double.id, maryam.id, 20.0, undone=True)]
    await Changes(crm.database).take([*news, news[0]])
    facts = [item.facts for item in await whole(crm, of_party(maryam.id))]
    assert facts == [SystemFacts("unmerged", what="مریم ر."), SystemFacts("merged", what="مریم ر.")]
