"""The search box as JSON."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from crm_core.contacts.model import Draft, DraftNumber
from tests.web import sample
from tests.web.api.test_schema import strict
from tests.web.conftest import Stage
from web.api.search import SEARCH


async def ask(on_stage: Stage, typed: str) -> dict[str, list[dict[str, object]]]:
    answer = json.loads(await on_stage.page(f"/api/v1/search?q={typed}"))
    schema = {**(SEARCH.answers or {}), "components": {"schemas": strict()}}
    assert list(Draft202012Validator(schema).iter_errors(answer)) == []
    found: dict[str, list[dict[str, object]]] = answer
    return found


async def test_groups(on_stage: Stage) -> None:
    crm = on_stage.services.crm
    draft = Draft(name="علی‌رضا کریمی", company_name="پارس تک", numbers=(DraftNumber("09129990011"),))
    made = await crm.contacts.create(on_stage.actor, "person", draft)
    note = await crm.notes.write(on_stage.actor, "جلسه با پارس تک", made.id)
    found = await ask(on_stage, "پارس‌تک")
    assert found["contacts"] == [
        {"id": made.id, "kind": "person", "name": "علی‌رضا کریمی", "company": "پارس تک", "tier": "",
         "number": "+989129990011"}
    ]  # fmt: skip
    assert [one["name"] for one in found["companies"]] == ["پارس تک"]
    assert [(one["id"], one["contact"], one["call"]) for one in found["notes"]] == [(note.id, made.id, None)]
    assert found["calls"] == []


async def test_calls(on_stage: Stage) -> None:
    record = next(one for one in sample.log() if one.direction == "inbound" and one.caller.raw)
    assert record.id in {one["id"] for one in (await ask(on_stage, record.caller.raw or ""))["calls"]}


@pytest.mark.parametrize("query", ["", "?q=x&limit=0", "?q=x&limit=1000", "?q=" + "x" * 300, "?q=x&more=1"])
async def test_what_cannot_be_asked(on_stage: Stage, query: str) -> None:
    assert (await on_stage.go(f"/api/v1/search{query}"))[0] == 400
