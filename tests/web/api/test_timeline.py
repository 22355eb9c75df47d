"""What happened, over the API; and that what is answered is what is described."""

from __future__ import annotations

import json
from typing import Any

from tests.crm_core.timeline.people import MOBILE, party
from tests.web.conftest import Stage
from tests.web.pages.streams import maryam


async def get(stage: Stage, path: str) -> Any:
    return json.loads(await stage.page(path))


async def test_a_contacts_timeline(on_stage: Stage) -> None:
    contact, calls = await maryam(on_stage)
    url = f"/api/v1/contacts/{contact.id}/timeline"
    first = await get(on_stage, f"{url}?limit=2")
    rest = await get(on_stage, f"{url}?limit=2&cursor={first['next']}")
    assert [entry["source"] for entry in first["items"] + rest["items"]] == [call.id for call in reversed(calls)]
    entry = first["items"][0]
    assert entry["at"].endswith("Z")
    assert entry["facts"]["talk_seconds"] == 7.25
    assert entry["facts"]["provisional"] is False
    assert (await get(on_stage, f"{url}?kind=note&kind=task"))["items"] == []
    assert len((await get(on_stage, f"/api/v1/numbers/{MOBILE}/timeline"))["items"]) == 3


async def test_attached(on_stage: Stage) -> None:
    contact, calls = await maryam(on_stage, 1)
    other = await party(on_stage.services.crm, "علی", "09121112233")
    path = f"/api/v1/timeline/call:{calls[0].id}/attached"
    assert (await on_stage.send("PUT", path, json={"party": contact.id}))[0] == 204
    assert (await get(on_stage, f"/api/v1/contacts/{other.id}/timeline"))["items"] == []
    assert (await on_stage.send("PUT", path, json={"party": None}))[0] == 204
    assert (await on_stage.send("PUT", path, json={"party": "nobody"}))[0] == 404
    assert (await on_stage.send("PUT", "/api/v1/timeline/x/attached", json={"party": None}))[0] == 404


async def test_refused(on_stage: Stage) -> None:
    contact = await party(on_stage.services.crm, "مریم")
    for query in ("kind=gossip", "limit=0", "cursor=x", "unknown=1"):
        assert (await on_stage.go(f"/api/v1/contacts/{contact.id}/timeline?{query}"))[0] == 400
    assert (await on_stage.go("/api/v1/contacts/nobody/timeline"))[0] == 404
