"""The page that connects a PBX: what to paste, and what the doctor found."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from tests.web import stage
from tests.web.conftest import Stage
from web.services import Services


@pytest.mark.parametrize("language", ["fa", "en"])
async def test_everything_to_paste_is_there_and_can_be_copied(on_stage: Stage, language: str) -> None:
    page = await on_stage.page(f"/connect?lang={language}")
    pasted = [html.unescape(text) for text in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.S)]
    for text in (stage.LISTENER, stage.ACTIONS, stage.SETTINGS, stage.PROFILE):
        assert text in pasted
    for id_ in re.findall(r'data-from="([^"]+)"', page):
        assert page.count(f'id="{id_}"') == 1


async def test_findings_have_a_shape_a_title_and_the_mend(on_stage: Stage) -> None:
    page = await on_stage.page("/connect?lang=en")
    assert "The clocks differ by 2.4 s" in page
    assert "Let both run NTP." in page
    assert "Something keeps it from working." in page
    marks = re.findall(r'<li><svg class="mk s-(\w+)"', page)
    assert marks == ["ready", "warn", "bad"]


class TestHealthy:
    @pytest.fixture
    def services(self) -> Services:
        async def doctor() -> tuple[()]:
            return ()

        return replace(stage.services(), doctor=doctor, demo=True)

    async def test_all_is_well_and_the_demo_is_said(self, on_stage: Stage) -> None:
        page = await on_stage.page("/connect?lang=en")
        assert "Everything is in order." in page
        assert "Demo PBX" in page
