"""What is typed while talking: nothing is lost, nothing older stands over newer, everybody in the call reads it."""

from __future__ import annotations

import pytest

from crm_core.results.events import CallNoteSaved
from crm_core.results.notes import LONGEST_TEXT, NoteDraft
from crm_core.timeline.events import TimelineChanged
from crm_core.timeline.model import of_call
from cti.kernel.clock import ManualClock
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.results.calls import BOSS, NIMA, OUTSIDER, SARA, STRANGER, logged
from tests.crm_core.timeline.test_service import whole
from web.services import Crm


async def text(crm: Crm, call: str) -> list[tuple[str, str]]:
    return [(one.user_name, one.text) for one in await crm.results.notes_of(BOSS, call)]


async def test_saved_as_it_is_typed(crm: Crm, told: list[object]) -> None:
    one = await logged(crm)
    first = await crm.results.write_note(SARA, one.id, NoteDraft(text="pallet", writer="a", number=1))
    again = await crm.results.write_note(SARA, one.id, NoteDraft(text="pallet", writer="a", number=1))
    assert (first.version, again) == (1, first)
    later = await crm.results.write_note(SARA, one.id, NoteDraft(text="pallets", version=1, writer="a", number=3))
    late = await crm.results.write_note(SARA, one.id, NoteDraft(text="palle", version=1, writer="a", number=2))
    assert (later.version, late) == (2, later)
    assert await text(crm, one.id) == [("Sara", "pallets")]
    assert [event.call for event in told if isinstance(event, CallNoteSaved)] == [one.id] * 2
    assert (one.id,) in [event.calls for event in told if isinstance(event, TimelineChanged)]


async def test_the_last_words_of_a_page_that_went_away_count_whatever_was_still_under_way(crm: Crm) -> None:
    """Its last save was sent before the one before was answered, so both build on the same version."""
    one = await logged(crm)
    await crm.results.write_note(SARA, one.id, NoteDraft(text="a", version=0, writer="a", number=1))
    await crm.results.write_note(SARA, one.id, NoteDraft(text="ab", version=0, writer="a", number=2))
    assert await text(crm, one.id) == [("Sara", "ab")]


async def test_an_older_window_does_not_write_over_newer_text(crm: Crm) -> None:
    one = await logged(crm)
    await crm.results.write_note(SARA, one.id, NoteDraft(text="old", version=0, writer="a", number=1))
    await crm.results.write_note(SARA, one.id, NoteDraft(text="newer", version=1, writer="b", number=1))
    with pytest.raises(ConflictError, match="another window"):
        await crm.results.write_note(SARA, one.id, NoteDraft(text="old, more", version=1, writer="a", number=2))
    same = await crm.results.write_note(SARA, one.id, NoteDraft(text="newer", version=1, writer="a", number=3))
    assert same.text == "newer"
    await crm.results.write_note(SARA, one.id, NoteDraft(text="by a program"))
    assert await text(crm, one.id) == [("Sara", "by a program")]


async def test_everybody_in_the_call_reads_them(crm: Crm, clock: ManualClock) -> None:
    one = await logged(crm)
    await crm.results.write_note(SARA, one.id, NoteDraft(text="order 0912 345 6789"))
    clock.advance(5)
    await crm.results.write_note(NIMA, one.id, NoteDraft(text="cold chain"))
    notes = await crm.results.notes_of(NIMA, one.id)
    assert [note.user_name for note in notes] == ["Sara", "Nima"]
    assert "345" not in notes[0].text
    for actor, error in ((OUTSIDER, NotFoundError), (STRANGER, ForbiddenError)):
        with pytest.raises(error):
            await crm.results.notes_of(actor, one.id)
        with pytest.raises(error):
            await crm.results.write_note(actor, one.id, NoteDraft(text="x"))


async def test_they_are_with_what_is_about_the_call(crm: Crm) -> None:
    one = await logged(crm)
    await crm.results.write_note(SARA, one.id, NoteDraft(text="pallets"))
    (item,) = await whole(crm, of_call(one.id))
    assert (item.kind, item.facts.by, item.facts.note, item.facts.disposition) == ("result", "Sara", "pallets", None)
    await crm.results.write_note(SARA, one.id, NoteDraft(text=""))
    assert await whole(crm, of_call(one.id)) == []
    assert await crm.results.notes_of(BOSS, one.id) == ()


async def test_emptied_before_anything_was_kept(crm: Crm) -> None:
    one = await logged(crm)
    assert (await crm.results.write_note(SARA, one.id, NoteDraft(text=""))).version == 0


async def test_too_long(crm: Crm) -> None:
    one = await logged(crm)
    with pytest.raises(InvalidError, match="characters"):
        await crm.results.write_note(SARA, one.id, NoteDraft(text="x" * (LONGEST_TEXT + 1)))
