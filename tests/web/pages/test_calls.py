"""The call log's page: rows, days, totals, filters, pages, and how it agrees with the PBX."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs

import pytest

from tests.web import sample, stage
from tests.web.conftest import Stage
from web.pages import calls
from web.services import Services


def rows(page: str) -> list[str]:
    return [html.unescape(i) for i in re.findall(r'<tr data-href="/calls/([^"]+)"', page)]


async def test_newest_first_under_the_heading_of_their_day(on_stage: Stage) -> None:
    page = await on_stage.page("/calls?lang=en")
    assert rows(page) == [r.id for r in stage.SampleLog(sample.log()).records]
    headings = re.findall(r'<tr class="day">.*?<time[^>]*>(.*?)</time> <span class="q">· (.*?)</span>', page, re.S)
    assert headings == [
        ("Today, Sun 22 Nov 2026", "19 calls"),
        ("Yesterday, Sat 21 Nov 2026", "10 calls"),
        ("Fri 20 Nov 2026", "5 calls"),
    ]


async def test_a_row_says_who_with_whom_how_long_and_how_it_ended(on_stage: Stage) -> None:
    stage.go_live(on_stage.services.feed)
    page = await on_stage.page("/calls?lang=fa")
    row = page[page.index("مریم رستگار") - 900 : page.index("مریم رستگار") + 1500]
    for said in ("۱۰:۳۶", "۰۹۱۲ ۳۴۵ ۶۷۸۹", "پویا نیکزاد", "+۱", "۰:۵۲", "۶:۱۰", "پاسخ‌داده"):
        assert said in row


async def test_totals_are_of_everything_that_matches(on_stage: Stage) -> None:
    page = await on_stage.page("/calls?lang=en&outcome=abandoned")
    assert len(rows(page)) == 3
    foot = re.sub(r"<[^>]+>", "", page[page.index('<footer class="foot') :])
    assert "3 calls" in foot
    assert "Abandoned 100.0%" in re.sub(r"\s+", " ", foot)


@pytest.mark.parametrize(
    ("query", "count"),
    [("number=%DB%B0%DB%B9%DB%B1%DB%B2345", 2), ("queue=sales", 8), ("agent=%DB%B2%DB%B0%DB%B5", 3),
     ("outcome=busy", 1), ("direction=internal", 2),
     ("from=1405/09/01&to=%DB%B1%DB%B4%DB%B0%DB%B5/%DB%B0%DB%B9/%DB%B0%DB%B1", 19),
     ("from=2026-11-21&to=yesterday", 10), ("min=600", 2), ("from=", 34)],
)  # fmt: skip
async def test_filters(on_stage: Stage, query: str, count: int) -> None:
    assert len(rows(await on_stage.page(f"/calls?{query}"))) == count


async def test_a_chip_shows_what_it_narrows_to_and_can_be_taken_away(on_stage: Stage) -> None:
    page = html.unescape(await on_stage.page("/calls?lang=fa&outcome=abandoned&from=1405/09/01"))
    assert "<bdi>رهاشده</bdi>" in page
    assert "<bdi>۱۴۰۵/۰۹/۰۱</bdi>" in page
    drops = re.findall(r'drop" href="([^"]+)"', page)
    assert [parse_qs(drop.partition("?")[2], keep_blank_values=True) for drop in drops] == [
        {"outcome": ["abandoned"], "from": [""]},
        {"from": ["۱۴۰۵/۰۹/۰۱"]},  # as the reader writes days, however it was written
    ]


async def test_what_cannot_be_read_is_said(on_stage: Stage) -> None:
    page = await on_stage.page("/calls?lang=fa&from=soon&number=1")
    assert "تاریخ را چنین بنویسید" in page
    assert "دست‌کم ۳ رقم" in page
    assert page.count('role="alert"') >= 2


async def test_nothing_found_is_said_differently_from_nothing_there(on_stage: Stage) -> None:
    assert "No call matches these filters" in await on_stage.page("/calls?lang=en&queue=none")


class TestEmpty:
    @pytest.fixture
    def services(self) -> Services:
        return stage.services([])

    async def test_the_first_day(self, on_stage: Stage) -> None:
        page = await on_stage.page("/calls?lang=en")
        assert "No calls yet" in page
        assert ">n/a<" not in page


class TestPages:
    @pytest.fixture
    def services(self, monkeypatch: pytest.MonkeyPatch) -> Services:
        monkeypatch.setattr(calls, "PAGE_SIZE", 10)
        return stage.services()

    async def test_next_goes_on_where_the_page_ended(self, on_stage: Stage) -> None:
        seen: list[str] = []
        path: str | None = "/calls?queue=&outcome="
        while path:
            page = await on_stage.page(path)
            seen += rows(page)
            found = re.search(r'<a class="btn sm" href="([^"]+)" hx-get', page)
            path = html.unescape(found[1]) if found else None
        assert seen == [r.id for r in stage.SampleLog(sample.log()).records]

    async def test_a_later_page_leads_back_to_the_newest(self, on_stage: Stage) -> None:
        page = await on_stage.page("/calls?lang=en&from=&cursor=10")
        assert re.search(r'href="/calls\?from=">Newest<', page)


async def test_it_says_how_many_calls_differ_from_the_pbx(on_stage: Stage) -> None:
    assert "1 call differs from the PBX" in await on_stage.page("/calls?lang=en")
    assert "Equal to the PBX: 19 of 19" in await on_stage.page("/calls?lang=en&from=today&to=today")


async def test_a_span_too_long_to_compare_in_one_line_says_nothing(on_stage: Stage) -> None:
    page = await on_stage.page("/calls?lang=en&from=2020-01-01")
    assert "Equal to the PBX" not in page
    assert "from the PBX" not in page


async def test_a_live_call_is_in_progress_and_marked(on_stage: Stage) -> None:
    call = sample.live_calls()[0]
    on_stage.services.calls.log.records.insert(0, call.record)  # type: ignore[attr-defined]
    left = await on_stage.page("/calls?lang=en")
    assert "End not known yet" in left
    assert 'class="provisional"' in left
    stage.go_live(on_stage.services.feed)
    page = await on_stage.page("/calls?lang=en")
    assert "In progress" in page
    assert 'class="provisional"' not in page


async def test_a_bad_cursor_is_told(on_stage: Stage) -> None:
    status, text = await on_stage.go("/calls?lang=en&cursor=nonsense")
    assert status == 400
    assert "cannot be read" in text


WHOLE = [raw for r in sample.log() for raw in (r.caller.raw, r.dialled.raw if r.direction == "outbound" else None)]
SECRET = {digits[-10:] for raw in WHOLE if len(digits := "".join(c for c in raw or "" if c.isdigit())) >= 10}


def told(text: str) -> set[str]:
    """The last ten digits of the callers' numbers that a text holds, however they are written."""
    joined = re.sub(r"[ \u200c-\u200f()\-]", "", text)
    digits = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in joined)
    return {secret for secret in SECRET if secret in digits}


async def test_who_may_not_see_numbers_whole_sees_none(on_stage: Stage) -> None:
    stage.go_live(on_stage.services.feed)
    permissions = ("live.view", "calls.view_all", "calls.export", "contacts.view", "truth.view", "tokens.own")
    role = await on_stage.services.crm.roles.create(on_stage.actor, "unsighted", permissions)
    unsighted = await on_stage.as_role(role.id)
    record = next(r for r in sample.log() if (r.caller.raw or "").endswith("3456789"))
    for path in (
        "/calls?from=", "/calls?lang=en&from=", f"/calls/{record.id}", "/truth/2026-11-21", "/api/v1/calls?limit=200",
        f"/api/v1/calls/{record.id}", "/calls/export?format=csv&from=",
    ):  # fmt: skip
        assert told(await on_stage.page(path)) or "truth" in path
        assert not told(await unsighted.page(path)), path
    assert "0912 ••• 6789" in await unsighted.page("/calls?lang=en&from=")
    assert rows(await unsighted.page("/calls?from=&number=09123456789")) != []
    assert rows(await unsighted.page("/calls?from=&number=3456789")) == []
    async with unsighted.http.ws_connect(unsighted.url + "/push") as socket:
        await socket.send_json({"type": "hello", "topics": ["board:all", f"call:{sample.live_calls()[0].record.id}"]})
        pushed = [await socket.receive_str() for _ in range(3)]
    assert any('"snapshot"' in text for text in pushed) and not any(told(text) for text in pushed)


async def test_an_agent_sees_his_own(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", extensions=("205",))
    seen = rows(await agent.page("/calls?from="))
    mine = {r.id for r in sample.log() if any("205" in (leg.extension, leg.endpoint) for leg in r.legs)}
    assert set(seen) == mine and 0 < len(mine) < len(sample.log())
    other = next(r.id for r in sample.log() if r.id not in mine)
    for path in (f"/calls/{other}", f"/api/v1/calls/{other}"):
        assert (await agent.go(path))[0] == 404
