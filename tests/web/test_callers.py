"""The contacts of calls on the pages of calls: names, links, and who may see them."""

from __future__ import annotations

from crm_core.contacts.model import Draft, DraftNumber
from cti.live.record import CallRecord
from tests.web import sample
from tests.web.conftest import Stage
from web.callers import contacts_of


def inbound() -> CallRecord:
    return next(one for one in sample.log() if one.direction == "inbound" and one.caller.number)


async def known(on_stage: Stage, name: str, number: str, tier: str = "") -> str:
    draft = Draft(name=name, company_name="البرز مهر", tier=tier, numbers=(DraftNumber(number),))
    return (await on_stage.services.crm.contacts.create(on_stage.actor, "person", draft)).id


async def test_the_list_names_whom_we_know(on_stage: Stage) -> None:
    record = inbound()
    one = await known(on_stage, "هانیه ناشناخته‌نبود", record.caller.raw or "", "vip")
    await known(on_stage, "همسر هانیه", record.caller.raw or "")
    page = await on_stage.page("/calls?lang=en")
    assert f'href="/contacts/{one}"' in page
    assert "هانیه ناشناخته‌نبود" in page
    assert 'class="num ">+1</bdi>' in page
    assert f'href="/calls/{record.id}"' in page, "the call itself is a link too"


async def test_the_call_names_him_and_keeps_the_line_s_own_name(on_stage: Stage) -> None:
    record = next(one for one in sample.log() if one.direction == "inbound" and one.caller.number and one.caller.name)
    assert "New contact" in await on_stage.page(f"/calls/{record.id}?lang=en")
    one = await known(on_stage, "هانیه", record.caller.raw or "")
    page = await on_stage.page(f"/calls/{record.id}?lang=en")
    assert f'href="/contacts/{one}"' in page
    assert "Name on the line" in page
    assert record.caller.name is not None
    assert record.caller.name in page
    assert "New contact</a>" not in page


async def test_a_number_that_nobody_has(on_stage: Stage) -> None:
    record = inbound()
    page = await on_stage.page(f"/calls/{record.id}?lang=en")
    assert "/contacts/attach?number=%2B98" in page
    assert "/contacts/new?number=%2B98" in page


async def test_names_for_who_sees_numbers_masked_and_none_for_who_sees_no_contacts(on_stage: Stage) -> None:
    record = inbound()
    one = await known(on_stage, "هانیه", record.caller.raw or "")
    roles = on_stage.services.crm.roles
    blind = await roles.create(on_stage.actor, "blind", ("calls.view_all", "contacts.view"))
    caller = await roles.create(on_stage.actor, "caller", ("calls.view_all", "numbers.view"))
    seen = await (await on_stage.as_role(blind.id)).page("/calls?lang=en")
    assert f'href="/contacts/{one}"' in seen
    assert (record.caller.raw or "")[3:8] not in seen
    assert f'href="/contacts/{one}"' not in await (await on_stage.as_role(caller.id)).page("/calls?lang=en")


async def test_internal_and_withheld_are_nobody(on_stage: Stage) -> None:
    others = [one for one in sample.log() if one.direction == "internal" or not one.caller.raw]
    await known(on_stage, "داخلی", "201")
    assert await contacts_of(on_stage.services, on_stage.actor, others) == {}
