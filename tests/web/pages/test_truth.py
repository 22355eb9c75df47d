"""The truth page: the PBX's count, ours, and every difference one click away."""

from __future__ import annotations

import re

import pytest

from tests.web import sample, stage
from tests.web.conftest import Stage
from web.services import Services


def plain(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


async def test_each_day_has_both_counts_and_its_differences(on_stage: Stage) -> None:
    page = plain(await on_stage.page("/truth?lang=en"))
    assert "Today, Sun 22 Nov 2026 19 19 0" in page
    assert "Yesterday, Sat 21 Nov 2026 11 10 1 1 4 min ago" in page


async def test_the_sums_stand_above(on_stage: Stage) -> None:
    page = plain(await on_stage.page("/truth?lang=en"))
    for figure in ("35 calls in the PBX's records", "34 calls in our log", "1 difference ", "1 repaired by themselves"):
        assert figure.replace("'", "&#39;") in page or figure in page


async def test_a_difference_leads_to_its_call(on_stage: Stage) -> None:
    assert 'href="/truth/2026-11-21"' in await on_stage.page("/truth")
    day = await on_stage.page("/truth/2026-11-21?lang=en")
    calls = re.findall(r'<a class="l" href="(/calls/[^"]+)"', day)
    assert len(calls) == 2
    for path in calls:
        await on_stage.page(path)


async def test_it_says_what_differed_and_what_became_of_it(on_stage: Stage) -> None:
    page = plain(await on_stage.page("/truth/2026-11-21?lang=en"))
    assert page.index("Lost") < page.index("Different")  # what stands comes first
    assert re.search(r"Lost.*Outcome – Answered Stands", page)
    assert re.search(r"Different.*Talk 1:20 1:27 Repaired", page)


async def test_a_day_without_differences_says_so(on_stage: Stage) -> None:
    page = await on_stage.page("/truth/2026-11-22?lang=en")
    assert "No difference on this day" in page
    assert 'href="/calls?from=2026-11-22&amp;to=2026-11-22"' in page


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "2026-11-22T00:00", "..%2F..%2Fetc"])
async def test_what_is_no_day_is_not_found(on_stage: Stage, day: str) -> None:
    assert (await on_stage.go(f"/truth/{day}"))[0] == 404


class TestNothing:
    @pytest.fixture
    def services(self) -> Services:
        return stage.services([])

    async def test_it_says_how_to_begin(self, on_stage: Stage) -> None:
        page = await on_stage.page("/truth?lang=en")
        assert "Nothing to compare yet" in page
        assert "CTI_CDR_URL" in page


class TestTwoPbxs:
    @pytest.fixture
    def services(self) -> Services:
        return stage.services(sample.log(), pbxs=("main", "branch"))

    async def test_each_has_its_row(self, on_stage: Stage) -> None:
        page = await on_stage.page("/truth")
        assert page.count(">branch<") == 3
