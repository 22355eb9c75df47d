"""Many walks are merged as one list would be, however they are cut."""

from __future__ import annotations

import random

from crm_core.timeline import store, walk
from crm_core.timeline.kinds.file import FileFacts
from crm_core.timeline.kinds.note import NoteFacts
from crm_core.timeline.model import Entry
from web.services import Crm


async def test_as_one_sorted_list(crm: Crm) -> None:
    chance = random.Random(7)
    subjects = [f"p:{n}" for n in range(230)]
    entries = [
        Entry(
            kind, f"{n}", float(chance.randrange(40)), tuple(chance.sample(subjects, chance.choice((1, 1, 2)))),
            NoteFacts("t") if kind == "note" else FileFacts("f", 1, "text/plain"),
        )
        for n in range(900) for kind in (chance.choice(("note", "file")),)
    ]  # fmt: skip
    async with crm.database.transaction() as tx:
        await store.put(tx, entries)
    wanted = subjects[:210]
    for kinds in ((), ("note",), ("note", "file"), ("call",)):
        expected = sorted(
            {(e.at, e.id) for e in entries if set(e.subjects) & set(wanted) and (not kinds or e.kind in kinds)},
            reverse=True,
        )
        found: list[walk.Place] = []
        async with crm.database.read() as reader:
            while some := await walk.newest(reader, wanted, kinds, found[-1] if found else None, 97):
                found += some
        assert found == expected
    async with crm.database.read() as reader:
        notes = sum(e.kind == "note" and bool(set(e.subjects) & set(wanted[:20])) for e in entries)
        assert (await walk.counts(reader, wanted[:20], ["note", "call"])) == {"note": notes}
