"""Which kind of file is asked for; the files themselves are tested where they are offered."""

from __future__ import annotations

import pytest

from cti.kernel.errors import InvalidError
from tests.web.conftest import Stage
from web.sheets import file_kind


def test_kinds() -> None:
    assert [file_kind(query) for query in ({}, {"format": "csv"}, {"format": "xlsx"})] == ["csv", "csv", "xlsx"]
    with pytest.raises(InvalidError, match="csv or xlsx"):
        file_kind({"format": "../x"})


async def test_a_file_is_kept_by_nobody_on_the_way(on_stage: Stage) -> None:
    async with on_stage.http.get(f"{on_stage.url}/calls/export?format=csv&lang=en") as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "filename*=UTF-8''tamas-calls-2026-11-22.csv" in response.headers["Content-Disposition"]
