"""The audit's page, its file, and the trail of one record."""

from __future__ import annotations

import csv
import html
import io
import re
from typing import Any

import pytest

from cti.kernel.actor import Actor
from tests.web import sample
from tests.web.conftest import Stage

CALL = sample.log()[0].id
SARA = Actor(id="sara", name="Sara <b>", session="s", origin="192.0.2.7")


async def note(on_stage: Stage, action: str, kind: str, record: str, detail: dict[str, Any] | None = None) -> None:
    await on_stage.services.crm.audit.did(SARA, action, kind, record, detail)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def rows(page: str) -> list[str]:
    return [text(row) for row in re.findall(r"<tr><td class=\"m\">.*?</tr>", page, re.S)]


async def test_an_entry_in_words(on_stage: Stage) -> None:
    changed = {
        "name": ["Ali", "علی"],
        "tags": [[], ["vip", "شمال"]],
        "do_not_call": [False, True],
        "x_field": [1, None],
    }
    await note(on_stage, "changed", "contact", "c1", {"changed": changed})
    row = rows(await on_stage.page("/admin/audit?lang=en&action=changed"))[0]
    for said in (
        "Sara <b>",
        "Edited",
        "Contact",
        "c1",
        "Name : Ali",
        "علی",
        "Tags : –",
        "vip, شمال",
        "Yes",
        "192.0.2.7",
    ):
        assert said in row.replace(" :", " :")
    assert "<b>" not in re.findall(r"<tr><td class=\"m\">.*?</tr>", await on_stage.page("/admin/audit"), re.S)[0][:300]
    assert "ویرایش" in rows(await on_stage.page("/admin/audit?lang=fa&action=changed"))[0]


async def test_filters_and_pages(on_stage: Stage) -> None:
    for number in range(60):
        await note(on_stage, "exported" if number % 2 else "saw", "contact", f"c{number}")
    page = await on_stage.page("/admin/audit?lang=en&action=exported")
    assert len(rows(page)) == 30
    assert len(rows(await on_stage.page("/admin/audit?lang=en&kind=contact&id=c5"))) == 1
    assert len(rows(await on_stage.page("/admin/audit?lang=en&text=c59"))) == 1
    assert len(rows(await on_stage.page("/admin/audit?lang=en&kind=contact&to=1405/08/30"))) == 0
    first = await on_stage.page("/admin/audit?lang=en&kind=contact")
    later = html.unescape(re.findall(r'href="(/admin/audit\?[^"]*cursor=[^"]+)"', first)[0])
    assert (len(rows(first)), len(rows(await on_stage.page(later)))) == (50, 10)
    assert (await on_stage.go("/admin/audit?cursor=none"))[0] == 400
    assert "Write a date as" in await on_stage.page("/admin/audit?lang=en&from=never")


async def test_only_for_who_may(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent")
    for path in ("/admin/audit", "/admin/audit/export", f"/audit/call/{CALL}", "/api/v1/audit"):
        assert (await agent.go(path))[0] == 403


async def test_a_call_that_is_looked_at_has_that_on_its_trail(on_stage: Stage) -> None:
    page = await on_stage.page(f"/calls/{CALL}?lang=en")
    assert f'hx-get="/audit/call/{CALL}"' in page
    await on_stage.services.crm.audit.flush()
    trail = text(await on_stage.page(f"/audit/call/{CALL}?lang=en"))
    assert on_stage.actor.name in trail and "Seen" in trail
    assert (await on_stage.go("/audit/call/none"))[0] == 404


async def test_a_long_trail_comes_in_parts(on_stage: Stage) -> None:
    for number in range(25):
        await note(on_stage, "changed", "call", CALL, {"n": number})
    first = await on_stage.page(f"/audit/call/{CALL}")
    (later,) = re.findall(r'hx-get="([^"]+)"', first)
    assert (first.count("<li>"), (await on_stage.page(html.unescape(later))).count("<li>")) == (20, 5)


async def test_the_file(on_stage: Stage) -> None:
    await note(on_stage, "changed", "contact", "c1", {"changed": {"name": ["=1+1", "b"]}})
    async with on_stage.http.get(f"{on_stage.url}/admin/audit/export?lang=en&kind=contact") as response:
        read = list(csv.DictReader(io.StringIO((await response.read()).decode("utf-8-sig"), newline="")))
    assert [(row["User"], row["What"], row["Details"]) for row in read] == [("Sara <b>", "Edited", "Name: =1+1 → b")]
    assert "Exported" in rows(await on_stage.page("/admin/audit?lang=en&kind=audit"))[0]
    assert (await on_stage.go("/admin/audit/export?format=exe"))[0] == 400


@pytest.mark.parametrize("query", ["text=%00", "actor=%00", "id=' OR 1=1", "kind=%D9%8E", "text=%25_", "from=%00"])
async def test_hostile_filters_find_nothing(on_stage: Stage, query: str) -> None:
    assert (await on_stage.go(f"/admin/audit?{query}"))[0] == 200


async def test_a_search_says_how_far_back_it_has_come(on_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_core.audit.service.FIRST_STRIDE", 20)
    monkeypatch.setattr("crm_core.audit.service.LONGEST_STRIDE", 20)
    await note(on_stage, "changed", "contact", "needle")
    on_stage.services.clock.advance(40 * 86400)  # type: ignore[attr-defined]
    on_stage = await on_stage.as_role("administrator")
    for number in range(60):
        await note(on_stage, "saw", "contact", f"c{number}")
    assert "needle" in rows(await on_stage.page("/admin/audit?lang=en&text=needle"))[0], "older than a month"
    for patience in ("PATIENCE_SECONDS", "FURTHER_SECONDS"):
        monkeypatch.setattr(f"crm_core.audit.service.{patience}", -1.0)
    page = await on_stage.page("/admin/audit?lang=en&text=needle")
    assert rows(page) == [] and "Nothing found so far" in page and "Fri 1 Jan 2027" in page
    count = 0
    while not rows(page):
        assert "Search further back" in page
        page = await on_stage.page(html.unescape(re.findall(r'href="(/admin/audit\?[^"]*cursor=[^"]+)"', page)[0]))
        count += 1
    assert "needle" in rows(page)[0] and count >= 3
