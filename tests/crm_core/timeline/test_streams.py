"""Who sees what happens: the owners of a number, what they became part of, and their companies."""

from __future__ import annotations

from crm_core.timeline.model import of_number, of_party
from crm_core.timeline.streams import shared_keys, subjects_of, watchers
from tests.crm_core.timeline.people import MOBILE, party
from web.services import Crm


async def test_who_is_to_be_told(crm: Crm) -> None:
    company = await party(crm, "البرز مهر", kind="company")
    maryam = await party(crm, "مریم", "09121112233", company_id=company.id)
    other = await party(crm, "نیما", "09121112233")
    async with crm.database.read() as reader:
        assert await watchers(reader, (), (MOBILE,)) == {maryam.id, company.id, other.id}
        assert await watchers(reader, (maryam.id,), ()) == {maryam.id, company.id}
        assert await watchers(reader, (), ("+98777",)) == set()
        assert await shared_keys(reader, [MOBILE, "+98777"]) == {MOBILE}


async def test_a_deep_family_is_one_stream(crm: Crm) -> None:
    company = await party(crm, "البرز مهر", kind="company")
    people = [await party(crm, f"p{n}", f"0912000000{n}", company_id=company.id) for n in range(3)]
    async with crm.database.transaction() as tx:  # the third was merged into the second
        await tx.execute("UPDATE party SET merged_into = ? WHERE id = ?", people[1].id, people[2].id)
        await tx.execute("DELETE FROM party_number WHERE party_id = ?", people[2].id)
    async with crm.database.read() as reader:
        subjects = await subjects_of(reader, of_party(company.id))
        assert set(subjects) == {
            of_party(company.id), *(of_party(p.id) for p in people),
            of_number("+989120000000"), of_number("+989120000001"),
        }  # fmt: skip
        assert set(await subjects_of(reader, of_party(people[2].id))) == {
            of_party(people[1].id), of_party(people[2].id), of_number("+989120000001"),
        }  # fmt: skip
        assert await watchers(reader, (people[2].id,), ()) == {people[2].id, people[1].id, company.id}
