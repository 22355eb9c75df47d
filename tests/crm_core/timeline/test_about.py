"""Under whom something is found that is added to a call: its number's owners, or the one it is attached to."""

from __future__ import annotations

import pytest

from crm_core.timeline.about import checked_call, require_party, subjects_for
from crm_core.timeline.calls import entry_of
from crm_core.timeline.model import of_attached, of_call, of_number, of_party
from cti.kernel.errors import InvalidError, NotFoundError
from tests.crm_core.timeline.people import ELHAM, MOBILE, call, party
from web.services import Crm


async def test_a_party_a_call_or_both(crm: Crm) -> None:
    maryam, one = await party(crm, "مریم"), call(1)
    async with crm.database.transaction() as tx:
        await crm.timeline.put(tx, entry_of(one))
    async with crm.database.read() as reader:
        assert await subjects_for(reader, maryam.id, None) == (of_party(maryam.id),)
        assert await subjects_for(reader, maryam.id, one.id) == (of_party(maryam.id), of_call(one.id))
        assert await subjects_for(reader, None, one.id) == (of_number(MOBILE), of_call(one.id))
        assert await subjects_for(reader, None, "never-heard-of") == (of_call("never-heard-of"),)
    await crm.timeline.attach(ELHAM, f"call:{one.id}", maryam.id)
    async with crm.database.read() as reader:
        expected = (of_party(maryam.id), of_attached(MOBILE), of_call(one.id))
        assert await subjects_for(reader, None, one.id) == expected


async def test_neither(crm: Crm) -> None:
    async with crm.database.read() as reader:
        with pytest.raises(InvalidError):
            await subjects_for(reader, None, None)
        with pytest.raises(NotFoundError):
            await require_party(reader, "no\0body")


@pytest.mark.parametrize("call_id", ["", "a\0", "x" * 291, "a\nb"])
def test_no_call(call_id: str) -> None:
    with pytest.raises(InvalidError):
        checked_call(call_id)
