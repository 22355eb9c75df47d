"""The rows to mend, as a file that can be imported again."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tests.crm_core.exchange.files import dirty_xlsx, pieces
from tests.web.conftest import Stage


async def test_mend_and_import_again(on_stage: Stage, tmp_path: Path) -> None:
    exchange, actor = on_stage.services.crm.exchange, on_stage.actor
    one = await exchange.receive(actor, "f.xlsx", pieces(dirty_xlsx(tmp_path / "f")))
    await exchange.start(actor, one.id)
    await exchange.work.one()
    text = await on_stage.page(f"/import/{one.id}/errors?format=csv&lang=fa")
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert header[-1] == "خطا"
    assert len(rows) == 5
    assert rows[0][-1] == "نام و نام‌خانوادگي: نام ندارد."
    assert "رقم‌هایش را" in rows[3][-1]
    rows[3][2] = "09121112222"
    (tmp_path / "mended").write_text("\n".join(",".join(f'"{c}"' for c in row) for row in (header, rows[3])), "utf-8")
    two = await exchange.receive(actor, "mended.csv", pieces(tmp_path / "mended"))
    assert two.remembered is False
    await exchange.start(actor, two.id)
    await exchange.work.one()
    assert (await exchange.get(actor, two.id)).created == 1
    async with on_stage.http.get(f"{on_stage.url}/import/{one.id}/errors?format=xlsx") as response:
        assert (response.status, (await response.read())[:2]) == (200, b"PK")
    assert (await on_stage.go("/import/none/errors"))[0] == 404
