"""The rules of figures are one row."""

from __future__ import annotations

from crm_core.figures.rules import ROW
from cti.kernel.actor import system
from cti.live.figures import FigureRules
from web.services import Crm


async def test_one_row_however_often_it_is_written(crm: Crm) -> None:
    for version in range(3):
        await crm.figure_rules.put(system("test"), FigureRules(version=version))
    async with crm.database.read() as reader:
        assert list(await reader.fetch("SELECT id, version FROM figure_rules")) == [(ROW, 3)]
