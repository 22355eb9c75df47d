"""A contact with calls, for the tests of pages that show streams."""

from __future__ import annotations

from typing import Any

from call_log.model import Entry
from call_log.store import CallStore
from crm_core.contacts.model import Party
from crm_core.timeline.calls import Calls
from cti.kernel.clock import SystemClock
from cti.live.record import CallRecord
from tests.crm_core.timeline.people import call, party
from tests.web.conftest import Stage

SCRIPT = {"X-Tamas-Script": "1"}


async def maryam(stage: Stage, calls: int = 3, **more: Any) -> tuple[Party, list[CallRecord]]:
    """A contact whose number called so often before she was entered."""
    database = stage.services.crm.database
    records = [call(n, **more) for n in range(calls)]
    await CallStore(database).save([Entry(record, 1.0) for record in records])
    await Calls(database, SystemClock(), CallStore(database)).catch_up()
    return await party(stage.services.crm, "مریم رستگار", "0912 111 2233"), records


async def post(stage: Stage, path: str, script: bool = True, **fields: str) -> tuple[int, str]:
    """A form as the page's script sends it."""
    headers = SCRIPT if script else {}
    request = stage.http.post(stage.url + path, data=fields, headers=headers, allow_redirects=False)
    async with request as response:
        return response.status, await response.text()
