"""Streams as fragments: whole, further, from the top again; the number's page; and hostile text stays text."""

from __future__ import annotations

import html
import re

from tests.crm_core.timeline.people import MOBILE, party
from tests.web.conftest import Stage
from tests.web.pages.streams import maryam, post
from tests.web.test_page import NAMES, harmless


def sources(text: str) -> list[str]:
    return re.findall(r'<li class="ev[^"]*" id="e-([^"]+)"', text)


async def test_a_contacts_calls_and_notes(on_stage: Stage) -> None:
    contact, calls = await maryam(on_stage)
    await on_stage.services.crm.notes.write(on_stage.actor, "سلام @الهام", contact.id)
    page = await on_stage.page(f"/timeline/party/{contact.id}")
    assert len(sources(page)) == 4
    assert f'href="/calls/{calls[0].id}"' in page
    assert '<b class="men">@الهام</b>' in page
    assert f'topic="party:{contact.id}"' in page
    assert '<textarea name="text"' in page
    only = await on_stage.page(f"/timeline/party/{contact.id}?kind=note")
    assert len(sources(only)) == 1


async def test_parts_fit_together_also_when_there_is_news(on_stage: Stage) -> None:
    contact, _ = await maryam(on_stage, 70)
    url = f"/timeline/party/{contact.id}"
    whole = sources(await on_stage.page(f"{url}?part=top"))
    first = await on_stage.page(url)
    more = html.unescape(re.search(r'hx-get="([^"]+cursor=[^"]+)"', first)[1])  # type: ignore[index]
    second = await on_stage.page(more)
    assert "<html" not in second
    assert sources(first) + sources(second) == whole[:60]
    through = re.search(r'data-through="([^"]+)"', first)[1]  # type: ignore[index]
    await on_stage.services.crm.notes.write(on_stage.actor, "new", contact.id)
    top = sources(await on_stage.page(f"{url}?part=top&through={through}"))
    assert top[1:] == sources(first)
    assert len(top) == 31


async def test_a_day_that_goes_on_has_one_heading(on_stage: Stage) -> None:
    contact, _ = await maryam(on_stage, 40)
    first = await on_stage.page(f"/timeline/party/{contact.id}")
    more = html.unescape(re.search(r'hx-get="([^"]+cursor=[^"]+)"', first)[1])  # type: ignore[index]
    assert 'class="day"' in first
    assert 'class="day"' not in await on_stage.page(more)


async def test_an_entry_is_attached_to_one_of_two(on_stage: Stage) -> None:
    contact, calls = await maryam(on_stage, 1)
    other = await party(on_stage.services.crm, "علی", "09121112233")
    assert "/timeline/attach" in await on_stage.page(f"/timeline/party/{contact.id}")
    status, _ = await post(on_stage, "/timeline/attach", entry=f"call:{calls[0].id}", party=contact.id)
    assert status == 204
    assert sources(await on_stage.page(f"/timeline/party/{other.id}")) == []
    status, why = await post(on_stage, "/timeline/attach", entry="call:none", party=contact.id)
    assert (status, bool(why)) == (422, True)


async def test_a_number_that_is_nobodys(on_stage: Stage) -> None:
    contact, _ = await maryam(on_stage, 1)
    await on_stage.services.crm.contacts.delete(on_stage.actor, contact.id)
    nima = await party(on_stage.services.crm, "نیما یوشیج")
    page = await on_stage.page(f"/numbers/{MOBILE}?find=نیما")
    assert "nobody" in page or "هیچ" in page
    assert "نیما یوشیج" in page
    assert len(sources(await on_stage.page(f"/timeline/number/{MOBILE}"))) == 1
    status, _ = await on_stage.send("POST", f"/numbers/{MOBILE}/attach", data={"party": nima.id})
    assert status == 303
    assert len(sources(await on_stage.page(f"/timeline/party/{nima.id}"))) == 1


async def test_who_sees_numbers_masked(on_stage: Stage) -> None:
    contact, _ = await maryam(on_stage, 1)
    crm, admin = on_stage.services.crm, on_stage.actor
    role = await crm.roles.create(admin, "چشم‌بسته", frozenset({"contacts.view"}))
    blind = await on_stage.as_role(role.id)
    page = await blind.page(f"/timeline/party/{contact.id}")
    assert len(sources(page)) == 1
    assert "1112" not in page
    assert "۱۱۲۲" not in page
    assert "<tamas-composer" not in page
    assert (await blind.go(f"/numbers/{MOBILE}"))[0] == 403
    assert (await blind.go(f"/timeline/number/{MOBILE}"))[0] == 403


async def test_nothing_else(on_stage: Stage) -> None:
    for path in ("/timeline/party/nobody", "/timeline/party/%00"):
        assert (await on_stage.go(path))[0] in (400, 404)
    assert (await on_stage.go("/timeline/party/x?cursor=bad"))[0] in (400, 404)


async def test_hostile_text_is_text(on_stage: Stage) -> None:
    crm, contact = on_stage.services.crm, await party(on_stage.services.crm, "a")
    for name in NAMES:
        await crm.notes.write(on_stage.actor, name, contact.id)
    page = await on_stage.page(f"/timeline/party/{contact.id}")
    assert len(sources(page)) == len(NAMES)
    assert "<script>alert" not in page
    assert not re.search(r"<(img|svg)[^>]* on(error|load)", page)
    assert ">49<" not in page
    harmless(await on_stage.page("/tasks"))
