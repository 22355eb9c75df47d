"""A call's page: figures, ladder, legs, ids; where a merged id leads; live while the call is."""

from __future__ import annotations

import re

import msgspec
import pytest

from crm_core.softphones.model import Heard
from cti.live.events import CallEnded
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.services import Services

RECORD = sample.transferred()


async def test_figures(on_stage: Stage) -> None:
    page = await on_stage.page(f"/calls/{RECORD.id}?lang=en")
    figures = re.findall(r'<div class="kf"><b><bdi class="num ">(.*?)</bdi></b><span>(.*?)</span>', page)
    assert figures == [
        ("0:52", "Wait to answer"), ("6:10", "Talk"), ("0:48", "Hold"), ("0:42", "Consult"), ("7:02", "Total")
    ]  # fmt: skip


async def test_the_ladder_is_drawn_to_scale(on_stage: Stage) -> None:
    page = await on_stage.page(f"/calls/{RECORD.id}?lang=en")
    bars = re.findall(r'<rect class="b-(\w+)" data-seconds="([\d.]+)" x="([\d.]+)%" width="([\d.]+)%"', page)
    assert len(bars) == 5 + 1 + 1 + 4 + 3
    for _, seconds, _, width in bars:
        assert float(width) == pytest.approx(float(seconds) / 422 * 100, abs=0.002)


async def test_legs_are_a_table_for_those_who_do_not_see_the_ladder(on_stage: Stage) -> None:
    stage.go_live(on_stage.services.feed)
    page = await on_stage.page(f"/calls/{RECORD.id}?lang=fa")
    table = re.sub(r"<[^>]+>|\s+", " ", page[page.index('<div class="card legs">') : page.index("</table>")])
    for name, result in (("نیما فرهمند", "پاسخ نداد"), ("الهام یوسفی", "مشغول بود"), ("نگار سهرابی", "پاسخ داد")):
        assert re.search(f"{name}.*?{result}", table), name


async def test_what_else_is_known(on_stage: Stage) -> None:
    page = await on_stage.page(f"/calls/{RECORD.id}?lang=en")
    for known in ("021 9100 4500", "support", "Attended transfer", "10:39:58", "in-09123456789-103600.wav",
                  RECORD.linkedid, "No difference"):  # fmt: skip
        assert known in page


async def test_a_call_that_differed_says_so(on_stage: Stage) -> None:
    wrong = next(r for r in sample.log() if r.linkedid.endswith(".53"))
    page = await on_stage.page(f"/calls/{wrong.id}?lang=en")
    assert 'href="/truth/2026-11-21">Different</a>' in page
    assert "repaired" in page


async def test_no_such_call(on_stage: Stage) -> None:
    assert (await on_stage.go("/calls/main-0.0"))[0] == 404
    assert (await on_stage.go("/calls/" + "x" * 5000))[0] == 404


class TestMerged:
    @pytest.fixture
    def services(self) -> Services:
        return stage.services(calls=stage.calls(stage.SampleLog(sample.log(), {"main-gone": RECORD.id})))

    async def test_the_id_of_a_merged_call_leads_to_the_surviving_one(self, on_stage: Stage) -> None:
        async with on_stage.http.get(on_stage.url + "/calls/main-gone", allow_redirects=False) as response:
            assert response.status == 301
            assert response.headers["Location"] == f"/calls/{RECORD.id}"


async def test_a_live_call_comes_from_the_board_and_stays_live(on_stage: Stage) -> None:
    feed = on_stage.services.feed
    stage.go_live(feed)
    call = sample.live_calls()[3]
    page = await on_stage.page(f"/calls/{call.record.id}?lang=en")
    assert f'<tamas-call call="{call.record.id}">' in page
    assert "In progress" in page
    assert "Matches the PBX" not in page
    feed.tell([CallEnded(sample.NOW, call.record)])
    assert (await on_stage.go(f"/calls/{call.record.id}"))[0] == 404  # the log of this stage does not have it


async def test_a_record_without_times_is_shown_without_a_drawing() -> None:
    bare = msgspec.structs.replace(
        RECORD, started_at=None, answered_at=None, ended_at=None, legs=(), caller_segments=()
    )
    assert stage.services([bare]).calls is not None


class TestBare:
    @pytest.fixture
    def services(self) -> Services:
        return stage.services([
            msgspec.structs.replace(
                RECORD, started_at=None, answered_at=None, ended_at=None, wait_seconds=None, duration_seconds=None,
                legs=(), caller_segments=(), transfers=(), outcome="lost", hung_up_by=None,
            )
        ])  # fmt: skip

    async def test_it_says_that_there_is_nothing_to_draw(self, on_stage: Stage) -> None:
        page = await on_stage.page(f"/calls/{RECORD.id}?lang=en")
        assert "nothing to draw" in page
        assert "No phone of ours rang" in page
        assert "Lost" in page


async def test_how_it_was_heard_in_the_browser(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", name="Negar S.")
    await on_stage.services.crm.softphones.heard(agent.actor, Heard(RECORD.id, 300, 4, 0.1, 30))
    page = await on_stage.page(f"/calls/{RECORD.id}?lang=en")
    assert re.search(r"Heard in the browser</dt><dd><bdi>Negar S\.</bdi> good .*?4\.4", page, re.DOTALL)
