"""Results to choose from: a first set, a queue's own, put in order, never lost once a call has them."""

from __future__ import annotations

import pytest

from crm_core.results.dispositions import MOST_LEVELS, DispositionDraft
from crm_core.results.service import ResultDraft
from cti.kernel.actor import NOBODY
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from tests.crm_core.results.calls import BOSS, SARA, logged
from web.services import Crm


async def labels(crm: Crm, queue: str = "") -> list[str]:
    return [branch.one.label_en for branch in await crm.dispositions.offered(SARA, queue)]


async def test_nobody_begins_with_an_empty_list(crm: Crm) -> None:
    offered = await crm.dispositions.offered(SARA)
    assert [branch.key for branch in offered] == list("12345678")
    assert {branch.one.id for branch in offered} >= {"resolved", "follow-up", "complaint", "sale", "no-answer"}
    complaint = next(branch for branch in offered if branch.one.id == "complaint")
    assert complaint.one.needs_note and complaint.one.tone == "negative"
    assert [child.one.parent for child in complaint.children] == ["complaint"] * len(complaint.children) != []
    assert all(one.label("fa") != one.label("en") for one in (await crm.dispositions.known()).values())
    with pytest.raises(UnauthenticatedError):
        await crm.dispositions.offered(NOBODY)


async def test_made_changed_moved(crm: Crm) -> None:
    made = await crm.dispositions.create(BOSS, DispositionDraft(label_fa=" مشاوره ", follow_up_days=3))
    assert (made.label_fa, made.label("en"), made.position, made.follow_up_days) == ("مشاوره", "مشاوره", 8, 3)
    detail = await crm.dispositions.create(BOSS, DispositionDraft(label_en="Price"), parent=made.id)
    assert (detail.parent, detail.position) == (made.id, 0)
    draft = DispositionDraft(label_en="Advice", tone="positive", shape="info", version=made.version)
    changed = await crm.dispositions.change(BOSS, made.id, draft)
    assert (changed.label_en, changed.version, changed.position) == ("Advice", 2, 8)
    with pytest.raises(ConflictError):
        await crm.dispositions.change(BOSS, made.id, draft)
    for _ in range(9):
        await crm.dispositions.move(BOSS, made.id, -1)
    assert (await labels(crm))[0] == "Advice"
    await crm.dispositions.move(BOSS, made.id, 1)
    assert (await labels(crm))[:2] == ["Resolved", "Advice"]


async def test_at_most_so_many_levels(crm: Crm) -> None:
    parent = "complaint-bill"
    for _ in range(MOST_LEVELS - 2):
        parent = (await crm.dispositions.create(BOSS, DispositionDraft(label_en="deeper"), parent=parent)).id
    assert len(await crm.dispositions.path(parent)) == MOST_LEVELS
    with pytest.raises(InvalidError, match="levels"):
        await crm.dispositions.create(BOSS, DispositionDraft(label_en="too deep"), parent=parent)


async def test_a_queue_has_its_own_or_those_of_all(crm: Crm) -> None:
    assert await labels(crm, "sales") == await labels(crm)
    await crm.dispositions.copy(BOSS, "sales")
    assert await labels(crm, "sales") == await labels(crm)
    own = await crm.dispositions.of_queue(BOSS, "sales")
    assert own[3].children[0].one.parent == own[3].one.id != "complaint"
    await crm.dispositions.remove(BOSS, own[0].one.id)
    assert (await labels(crm, "sales"))[0] == "Needs follow-up"
    assert (await labels(crm))[0] == "Resolved"
    assert await crm.dispositions.queues(BOSS) == ("sales",)
    with pytest.raises(ConflictError):
        await crm.dispositions.copy(BOSS, "sales")
    with pytest.raises(InvalidError):
        await crm.dispositions.copy(BOSS, " ")


async def test_what_a_call_has_is_retired_and_not_lost(crm: Crm) -> None:
    one = await logged(crm)
    await crm.results.save(SARA, one.id, ResultDraft(disposition="sale-ordered"))
    assert await crm.dispositions.remove(BOSS, "sale") is False
    assert "Sale" not in await labels(crm)
    (result,) = (await crm.results.of_call(SARA, one.id)).results
    assert [part.label("en") for part in result.path] == ["Sale", "Ordered"]
    with pytest.raises(InvalidError, match="out of use"):
        await crm.results.save(SARA, one.id, ResultDraft(disposition="sale-ordered"))
    assert await crm.dispositions.remove(BOSS, "passed-on") is True
    assert await crm.dispositions.path("passed-on") == ()


@pytest.mark.parametrize(
    "draft",
    [
        DispositionDraft(),
        DispositionDraft(label_fa="x" * 61),
        DispositionDraft(label_en="two\nlines"),
        DispositionDraft(label_en="x", follow_up_days=-1),
        DispositionDraft(label_en="x", shape="square"),  # type: ignore[arg-type]
        DispositionDraft(label_en="x", tone="angry"),  # type: ignore[arg-type]
    ],
)
async def test_what_cannot_be(crm: Crm, draft: DispositionDraft) -> None:
    with pytest.raises(InvalidError):
        await crm.dispositions.create(BOSS, draft)


async def test_only_for_who_manages_results(crm: Crm) -> None:
    for doing in (
        crm.dispositions.create(SARA, DispositionDraft(label_en="x")),
        crm.dispositions.change(SARA, "sale", DispositionDraft(label_en="x")),
        crm.dispositions.remove(SARA, "sale"),
        crm.dispositions.move(SARA, "sale", 1),
        crm.dispositions.copy(SARA, "sales"),
    ):
        with pytest.raises(ForbiddenError):
            await doing
    with pytest.raises(NotFoundError):
        await crm.dispositions.change(BOSS, "none", DispositionDraft(label_en="x"))
