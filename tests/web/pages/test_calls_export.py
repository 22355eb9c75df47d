"""The list as a file: what the filters describe, in the reader's calendar, noted in the audit."""

from __future__ import annotations

import csv
import io

import msgspec
import openpyxl
import pytest

from crm_core.audit.service import AuditFilter
from cti.kernel.actor import system
from cti.live.record import Caller
from tests.web import sample, stage
from tests.web.conftest import Stage
from web.services import Services


async def as_csv(on_stage: Stage, query: str) -> list[dict[str, str]]:
    async with on_stage.http.get(f"{on_stage.url}/calls/export?{query}") as response:
        assert response.status == 200 and response.content_type == "text/csv"
        return list(csv.DictReader(io.StringIO((await response.read()).decode("utf-8-sig"), newline="")))


async def test_the_calls_that_match(on_stage: Stage) -> None:
    rows = await as_csv(on_stage, "lang=en&format=csv&outcome=abandoned&from=")
    wanted = [r for r in stage.SampleLog(sample.log()).records if r.outcome == "abandoned"]
    assert [row["Call id"] for row in rows] == [r.id for r in wanted]
    assert rows[0]["Time"].startswith("2026-11-2") and rows[0]["Outcome"] == "Abandoned"
    assert rows[0]["Number"] == (wanted[0].caller.number or wanted[0].caller.raw)
    assert len(await as_csv(on_stage, "lang=en&from=")) == len(sample.log())


async def test_persian_has_jalali_dates_unless_asked_otherwise(on_stage: Stage) -> None:
    assert (await as_csv(on_stage, "lang=fa&number=09123456789"))[0]["زمان"].startswith("1405/09/01 ")
    assert (await as_csv(on_stage, "lang=fa&number=09123456789&calendar=gregorian"))[0]["زمان"].startswith("2026-11-22")


async def test_xlsx(on_stage: Stage) -> None:
    async with on_stage.http.get(f"{on_stage.url}/calls/export?format=xlsx&lang=fa&from=") as response:
        assert response.headers["Content-Disposition"].startswith('attachment; filename="tamas-calls-1405-09-01.xlsx"')
        sheet = openpyxl.load_workbook(io.BytesIO(await response.read())).worksheets[0]
    assert sheet.sheet_view.rightToLeft and sheet.max_row == len(sample.log()) + 1


async def test_it_is_noted(on_stage: Stage) -> None:
    await as_csv(on_stage, "format=csv&outcome=busy&from=")
    (entry,) = (await on_stage.services.crm.audit.page(system("test"), AuditFilter(action="exported"))).items
    assert (entry.kind, entry.detail) == ("call", {"filter": {"outcome": "busy"}, "format": "csv"})


@pytest.mark.parametrize("query", ["format=exe", "from=yesteryear", "number=1", "outcome=none"])
async def test_what_cannot_be_read_exports_nothing(on_stage: Stage, query: str) -> None:
    assert (await on_stage.go(f"/calls/export?{query}"))[0] == 400
    assert (await on_stage.services.crm.audit.page(system("test"), AuditFilter(action="exported"))).items == ()


class TestHostile:
    @pytest.fixture
    def services(self) -> Services:
        caller = Caller(None, "=1+1", '=HYPERLINK("http://evil.example","x")')
        return stage.services([msgspec.structs.replace(sample.log()[0], caller=caller, direction="inbound")])

    async def test_no_name_is_a_formula(self, on_stage: Stage) -> None:
        (row,) = await as_csv(on_stage, "lang=en&from=")
        assert row["Name"].startswith("'=") and row["Number"] == "'=1+1"
