"""What lies in the trash for too long goes without a trace of the person; calls and the fact of it stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.audit.service import AuditFilter
from crm_core.contacts.events import PartiesMerged, PartyChanged
from crm_core.contacts.model import Draft, DraftNumber, Party, PartyAddress, PartyFilter, PartyMail
from crm_core.contacts.trash import BATCH, DAY, Trash
from crm_core.tasks.model import TaskDraft, TaskFilter
from crm_core.timeline.calls import entry_of
from crm_core.timeline.changes import Changes
from crm_core.timeline.model import of_call, of_number, of_party
from cti.kernel.clock import ManualClock
from cti.kernel.dump import tables
from cti.kernel.errors import NotFoundError
from tests.crm_core.exchange import imports
from tests.crm_core.files.test_service import add
from tests.crm_core.timeline.people import ELHAM, MOBILE, call, party
from tests.crm_core.timeline.test_service import put, stream
from web.services import Crm

DAYS = 90.0
SECRETS = ("ژاله", "gale@", "0012345679", "9121112233", "quiet words", "contract.txt", "خیابان")
"""What is known of her alone, a piece of each."""
CALLS = ("call", "call_number", "call_tag", "call_alias")


async def gale(crm: Crm, **more: object) -> Party:
    draft = Draft(
        first_name="ژاله",
        last_name="فرخزاد",
        numbers=(DraftNumber("0912 111 2233"),),
        mails=(PartyMail("gale@example.com"),),
        national_id="0012345679",
        tags=("ژاله‌ها",),
        roles=("customer",),
        addresses=(PartyAddress(text="خیابان ولیعصر"),),
        **more,  # type: ignore[arg-type]
    )
    return await crm.contacts.create(ELHAM, "person", draft)


async def traces(crm: Crm) -> set[tuple[str, str]]:
    """(table, piece) of whatever is still known of her, but for the audit trail, which nobody can change."""
    found = set()
    async with crm.database.read() as reader:
        for table in await tables(reader):
            if table.name.startswith("audit"):
                continue
            for row in await reader.core(table.select()):
                found |= {(table.name, one) for one in SECRETS if one in str(tuple(row))}
    return found


async def too_long(crm: Crm, clock: ManualClock, *ids: str) -> None:
    """These are put into the trash, and the time of the trash goes by."""
    for one in ids:
        await crm.contacts.delete(ELHAM, one)
    clock.advance(DAYS * DAY + 1)


async def test_nothing_of_a_person_is_left(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    somebody = await party(crm, "کس دیگر")
    one = await gale(crm, company_name="البرز")
    note = await crm.notes.write(ELHAM, "quiet words of @Elham", one.id)
    about = await crm.notes.write(ELHAM, "quiet words on the phone", one.id, call(1).id)
    alone, shared = [await add(crm.files, ELHAM, one.id, text, "contract.txt") for text in (b"hers", b"shared")]
    kept = await add(crm.files, ELHAM, somebody.id, b"shared", "other.txt")
    paths = [(await crm.files.content(ELHAM, x.id))[1] for x in (alone, shared)]
    await put(crm, entry_of(call(1)))
    await crm.timeline.attach(ELHAM, f"call:{call(1).id}", one.id)
    await too_long(crm, clock, one.id)
    assert await traces(crm)
    assert await crm.trash.purge() == 1
    left = {(name, piece) for name, piece in await traces(crm) if name not in CALLS}
    assert left <= {("entry", "9121112233"), ("entry_subject", "9121112233")}, "the call, under its number"
    assert [path.exists() for path in paths] == [False, True]
    assert (await crm.files.content(ELHAM, kept.id))[1].read_bytes() == b"shared"
    for gone in (note, about):
        with pytest.raises(NotFoundError):
            await crm.notes.get(ELHAM, gone.id)
    with pytest.raises(NotFoundError):
        await crm.contacts.get(ELHAM, one.id)
    assert await stream(crm, of_number(MOBILE)) == [call(1).id]
    assert await stream(crm, of_call(call(1).id)) == []
    assert not (await crm.search.find(ELHAM, "ژاله")).people and not await crm.lookup.who(ELHAM, MOBILE)
    assert await crm.trash.purge() == 0


async def test_the_trail_says_it_and_names_nobody(crm: Crm, clock: ManualClock, told: list[object]) -> None:
    one, firm = await gale(crm), await party(crm, "بنگاه", kind="company")
    await too_long(crm, clock, one.id, firm.id)
    told.clear()
    await crm.trash.purge()
    said = (await crm.audit.page(ELHAM, AuditFilter(action="purged"))).items
    assert {(x.kind, x.record, x.actor_kind, x.detail) for x in said} == {
        ("contact", one.id, "system", None),
        ("company", firm.id, "system", None),
    }
    assert {x.id for x in told if isinstance(x, PartyChanged)} == {one.id, firm.id}


async def test_what_is_to_be_done_still_is(crm: Crm, clock: ManualClock) -> None:
    one = await gale(crm)
    task = await crm.tasks.create(ELHAM, TaskDraft(title="send the offer", party=one.id))
    of_a_call = await crm.tasks.create(ELHAM, TaskDraft(title="listen again", party=one.id, call=call(1).id))
    await too_long(crm, clock, one.id)
    await crm.trash.purge()
    assert (await crm.tasks.get(ELHAM, task.id)).party is None
    assert {x.id for x in (await crm.tasks.page(ELHAM, TaskFilter())).items} == {task.id, of_a_call.id}
    assert await stream(crm, of_call(call(1).id)) == [f"{of_a_call.id}:made"]


async def test_before_its_time_nothing_goes(crm: Crm, clock: ManualClock) -> None:
    one, two = await gale(crm), await party(crm, "کس دیگر")
    await too_long(crm, clock, one.id)
    await crm.contacts.restore(ELHAM, one.id)
    await crm.contacts.delete(ELHAM, two.id)
    clock.advance(DAYS * DAY - 60)
    assert await crm.trash.purge() == 0
    assert (await crm.contacts.get(ELHAM, one.id)).live
    await crm.contacts.restore(ELHAM, two.id)


async def test_zero_days_are_for_ever(crm: Crm, clock: ManualClock) -> None:
    one = await gale(crm)
    await too_long(crm, clock, one.id)
    for days in (0.0, -1.0):
        never = Trash(crm.database, clock, crm.audit, crm.contacts, days)
        assert await never.purge() == 0
        assert never.purged_at(await crm.contacts.get(ELHAM, one.id)) is None
    found = await crm.contacts.get(ELHAM, one.id)
    assert crm.trash.purged_at(found) == (found.deleted_at or 0) + DAYS * DAY
    assert crm.trash.purged_at(await party(crm, "کس دیگر")) is None


async def test_whoever_was_merged_into_it_goes_too(crm: Crm, clock: ManualClock) -> None:
    one, other = await gale(crm), await party(crm, "کس دیگر", "02188712340")
    await crm.notes.write(ELHAM, "quiet words", one.id)
    await crm.duplicates.merge(ELHAM, other.id, [one.id])
    await Changes(crm.database).take([PartiesMerged(one.id, other.id, clock.now())])
    assert await stream(crm, of_party(other.id), "system")
    await too_long(crm, clock, other.id)
    assert await crm.trash.purge() == 2
    assert await traces(crm) == set()


async def test_images_that_undone_merges_keep_go_too(crm: Crm, clock: ManualClock) -> None:
    one, other = await gale(crm), await party(crm, "کس دیگر", "02188712340")
    await crm.duplicates.merge(ELHAM, other.id, [one.id])
    await crm.duplicates.unmerge(ELHAM, other.id)
    for undone in (False, True):
        await Changes(crm.database).take([PartiesMerged(one.id, other.id, clock.now(), undone)])
    await too_long(crm, clock, one.id)
    assert await crm.trash.purge() == 1
    assert await traces(crm) == set()
    assert (await crm.contacts.get(ELHAM, other.id)).name == "کس دیگر"


async def test_rows_of_imports_forget_what_they_said(crm: Crm, clock: ManualClock, tmp_path: Path) -> None:
    one = await gale(crm)
    sheet = tmp_path / "some.csv"
    sheet.write_text("first name,last name,mobile,position,note\nژاله,فرخزاد,09121112233,boss,quiet words\n", "utf-8")
    done = await imports.done(crm, sheet, on_match="fill")
    assert done.updated == 1
    await too_long(crm, clock, one.id)
    await crm.trash.purge()
    assert {name for name, _ in await traces(crm)} <= {"contact_import"}, "the profile of the file is the import's own"
    assert (await imports.reverted(crm, done)).state == "reverted"


async def test_nobody_works_at_a_company_that_is_no_more(crm: Crm, clock: ManualClock) -> None:
    one = await crm.contacts.create(ELHAM, "person", Draft(name="ب", company_name="بنگاه بزرگ"))
    assert one.company_id is not None
    await too_long(crm, clock, one.company_id)
    await crm.trash.purge()
    now = await crm.contacts.get(ELHAM, one.id)
    assert (now.company_id, now.company_name, now.name) == (None, "", "ب")
    assert (await crm.search.find(ELHAM, "بنگاه")).people == ()


async def test_many_go_in_batches(crm: Crm, clock: ManualClock) -> None:
    ids = [(await party(crm, f"کس {n}")).id for n in range(BATCH * 2 + 3)]
    await too_long(crm, clock, *ids)
    assert await crm.trash.purge() == len(ids)
    assert (await crm.contacts.page(ELHAM, PartyFilter(deleted=True))).items == ()


async def test_killed_before_the_contents_went_the_next_round_takes_them(crm: Crm, clock: ManualClock) -> None:
    one = await gale(crm)
    path = (await crm.files.content(ELHAM, (await add(crm.files, ELHAM, one.id, b"hers", "contract.txt")).id))[1]
    await too_long(crm, clock, one.id)
    kept = crm.tasks, crm.notes, crm.files, crm.duplicates, crm.exchange, crm.timeline
    killed = Trash(crm.database, clock, crm.audit, crm.contacts, DAYS, [x.forget for x in kept])
    assert await killed.purge() == 1 and path.exists()
    assert await crm.trash.purge() == 0 and not path.exists()
    assert await traces(crm) == set()
