"""The audit over the API."""

from __future__ import annotations

import msgspec

from cti.kernel.actor import Actor
from tests.web import sample
from tests.web.conftest import Stage

SARA = Actor(id="sara", name="Sara", session="s", origin="192.0.2.7")


async def test_entries(on_stage: Stage) -> None:
    audit = on_stage.services.crm.audit
    for record in ("c1", "c2"):
        await audit.did(SARA, "changed", "note", record, {"changed": {"name": ["a", "b"]}})
    first = msgspec.json.decode(await on_stage.page("/api/v1/audit?kind=note&limit=1"))
    (entry,) = first["items"]
    assert entry == {
        "id": entry["id"], "at": entry["at"], "actor": "sara", "actor_name": "Sara", "actor_kind": "user",
        "session": "s", "origin": "192.0.2.7", "action": "changed", "kind": "note", "record": "c2",
        "detail": {"changed": {"name": ["a", "b"]}},
    }  # fmt: skip
    assert entry["at"].endswith("Z")
    last = msgspec.json.decode(await on_stage.page(f"/api/v1/audit?kind=note&cursor={first['next']}"))
    assert [one["record"] for one in last["items"]] == ["c1"] and last["next"] is None


async def test_what_cannot_be(on_stage: Stage) -> None:
    for query in ("limit=0", "cursor=none", "start=2026-11-22", "kind=", "unknown=1"):
        assert (await on_stage.go(f"/api/v1/audit?{query}"))[0] == 400
    assert (await on_stage.go("/api/v1/audit?kind=call&id=none"))[0] == 404


async def test_a_call_asked_for_is_noted(on_stage: Stage) -> None:
    call = sample.log()[0].id
    await on_stage.page(f"/api/v1/calls/{call}")
    await on_stage.services.crm.audit.flush()
    found = msgspec.json.decode(await on_stage.page(f"/api/v1/audit?kind=call&id={call}"))
    assert [(one["action"], one["actor"]) for one in found["items"]] == [("saw", on_stage.actor.id)]
