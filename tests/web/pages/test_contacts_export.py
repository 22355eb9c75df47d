"""The list of people as a file."""

from __future__ import annotations

from crm_core.contacts.model import Draft, DraftNumber
from tests.web.conftest import Stage


async def filled(on_stage: Stage) -> None:
    for name, number in (("علی", "09121234567"), ("=2+3", "02188664523")):
        draft = Draft(name=name, numbers=(DraftNumber(number),), tags=("الف",) if name == "علی" else ())
        await on_stage.services.crm.contacts.create(on_stage.actor, "person", draft)


async def test_csv_of_the_lists_filters(on_stage: Stage) -> None:
    await filled(on_stage)
    text = await on_stage.page("/contacts/export?format=csv&tag=الف&lang=fa")
    assert "علی" in text
    assert "0912 123 4567" in text
    assert "2+3" not in text
    assert "'=2+3" in await on_stage.page("/contacts/export?lang=en")


async def test_xlsx_and_vcard(on_stage: Stage) -> None:
    await filled(on_stage)
    async with on_stage.http.get(f"{on_stage.url}/contacts/export?format=xlsx") as response:
        assert response.status == 200
        assert (await response.read()).startswith(b"PK")
    cards = await on_stage.page("/contacts/export?format=vcard")
    assert cards.count("BEGIN:VCARD") == 2
    assert "TEL;TYPE=CELL:+989121234567" in cards


async def test_who_may_not(on_stage: Stage) -> None:
    await filled(on_stage)
    assert (await (await on_stage.as_role("agent")).go("/contacts/export"))[0] == 403
    for query in ("format=exe", "created_since=soon", "order=x"):
        assert (await on_stage.go(f"/contacts/export?{query}"))[0] == 400
