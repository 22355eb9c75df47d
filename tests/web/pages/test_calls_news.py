"""What is new in the call log: counted in what the reader may see, with the rows that changed."""

from __future__ import annotations

import html
import re
from typing import Any

import msgspec
import pytest

from cti.live.record import CallRecord
from tests.web import stage
from tests.web.conftest import Stage
from tests.web.pages.test_calls import rows


def log_of(on_stage: Stage) -> stage.SampleLog:
    log: Any = on_stage.services.calls.log
    return log  # type: ignore[no-any-return]


def come(on_stage: Stage, count: int, **changes: Any) -> list[CallRecord]:
    """So many calls more, newer than all, like the newest of the sample."""
    log = log_of(on_stage)
    first = log.records[0]
    made = [
        msgspec.structs.replace(first, id=f"new-{n}", started_at=(first.started_at or 0) + 1 + n, **changes)
        for n in range(count)
    ]
    log.records = [*reversed(made), *log.records]
    return made


def said(page: str) -> str:
    button = re.search(r"<button[^>]*data-new[^>]*>(.*?)<kbd", page, re.S)
    return button[1] if button else ""


async def test_new_calls_are_counted(on_stage: Stage) -> None:
    top = log_of(on_stage).records[0].id
    assert said(await on_stage.page(f"/calls/news?lang=en&top={top}")) == ""
    come(on_stage, 1)
    assert said(await on_stage.page(f"/calls/news?lang=en&top={top}")) == "1 new call"
    come(on_stage, 2)
    assert said(await on_stage.page(f"/calls/news?lang=fa&top={top}")) == "۳ تماس تازه"


async def test_only_those_that_the_filters_let_through(on_stage: Stage) -> None:
    top = log_of(on_stage).records[0].id
    come(on_stage, 2, direction="internal")
    assert said(await on_stage.page(f"/calls/news?lang=en&top={top}&direction=outbound")) == ""
    assert said(await on_stage.page(f"/calls/news?lang=en&top={top}&direction=internal")) == "2 new calls"


async def test_only_those_that_the_reader_may_see(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", extensions=("299",))
    come(on_stage, 2)
    assert said(await agent.page("/calls/news?lang=en&top=")) == ""
    first = log_of(on_stage).records[0]
    mine = msgspec.structs.replace(first.legs[0], endpoint="PJSIP/299", extension="299")
    come(on_stage, 1, legs=(mine,))
    assert said(await agent.page("/calls/news?lang=en&top=")) == "1 new call"


async def test_an_empty_list_and_a_later_page(on_stage: Stage) -> None:
    assert said(await on_stage.page("/calls/news?lang=en&top=")) == "34 new calls"
    assert said(await on_stage.page("/calls/news?lang=en")) == ""
    come(on_stage, 120)
    assert said(await on_stage.page("/calls/news?lang=en&top=")) == "More than 99 new calls"


async def test_rows_that_were_not_final_come_as_they_are_now(on_stage: Stage) -> None:
    log = log_of(on_stage)
    one = log.records[0]
    log.records[0] = msgspec.structs.replace(one, provisional=True)
    page = await on_stage.page("/calls?lang=en")
    assert html.unescape(re.findall(r'data-open="([^"]+)"', page)[0]) == one.id
    log.records[0] = msgspec.structs.replace(one, provisional=False, outcome="busy")
    news = await on_stage.page(f"/calls/news?lang=en&open={one.id},gone,")
    assert rows(news) == [one.id] and f'id="call-{one.id}"' in news and "Busy" in news and "data-open" not in news


async def test_a_row_of_a_call_that_became_part_of_another_is_not_there(on_stage: Stage) -> None:
    log = log_of(on_stage)
    log.merged["gone"] = log.records[0].id
    assert "<tr" not in await on_stage.page("/calls/news?lang=en&open=gone")


async def test_nobody_elses_call_comes_with_the_rows(on_stage: Stage) -> None:
    agent = await on_stage.as_role("agent", extensions=("299",))
    assert "<tr" not in await agent.page(f"/calls/news?open={log_of(on_stage).records[0].id}")


@pytest.mark.parametrize(
    "query", ["top=%00", "top=" + "x" * 3000, "open=" + ",".join("x" * 500), "number=1&top=", "open=%00"]
)
async def test_hostile_questions(on_stage: Stage, query: str) -> None:
    assert (await on_stage.go(f"/calls/news?{query}"))[0] == 200
