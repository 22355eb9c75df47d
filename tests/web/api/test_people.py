"""Contacts and companies over the API."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from tests.web.api.test_schema import strict
from tests.web.conftest import Stage

MARYAM = {
    "first_name": "مریم",
    "last_name": "رستگار",
    "company_name": "البرز مهر",
    "tier": "vip",
    "numbers": [{"raw": "۰۹۱۲ ۳۴۵ ۶۷۸۹"}, {"raw": "02188712340", "kind": "work", "extension": "118"}],
    "mails": [{"address": "m@alborz.example"}],
    "tags": ["دارو"],
    "source_at": "2026-01-02T03:04:05Z",
}


async def made(on_stage: Stage, body: object = MARYAM, path: str = "contacts") -> dict[str, object]:
    status, text = await on_stage.send("POST", f"/api/v1/{path}", json=body)
    assert status == 201, text
    answer: dict[str, object] = json.loads(text)
    return answer


async def test_a_contact_comes_and_goes(on_stage: Stage) -> None:
    one = await made(on_stage)
    schema = {"$ref": "#/components/schemas/Party", "components": {"schemas": strict()}}
    assert list(Draft202012Validator(schema).iter_errors(one)) == []
    path = f"/api/v1/contacts/{one['id']}"
    assert json.loads(await on_stage.page(path)) == one
    assert (one["name"], one["version"], one["source_at"]) == ("مریم رستگار", 1, "2026-01-02T03:04:05.000Z")
    assert one["numbers"][0]["e164"] == "+989123456789"  # type: ignore[index]

    status, text = await on_stage.send("PATCH", path, json={"tier": "", "version": 1})
    assert status == 200, text
    assert json.loads(text)["tags"] == ["دارو"]
    status, text = await on_stage.send("PATCH", path, json={"tier": "gold", "version": 1})
    assert status == 409, text

    assert (await on_stage.send("DELETE", path))[0] == 204
    assert (await on_stage.send("DELETE", path))[0] == 404
    listed = json.loads(await on_stage.page("/api/v1/contacts?deleted=true"))
    assert [item["id"] for item in listed["items"]] == [one["id"]]
    status, text = await on_stage.send("POST", f"{path}/restore")
    assert (status, json.loads(text)["deleted_at"]) == (200, None)


async def test_the_two_kinds_are_apart(on_stage: Stage) -> None:
    person = await made(on_stage)
    company = await made(on_stage, {"name": "سپهر", "numbers": [{"raw": "021-91004500"}]}, "companies")
    assert (await on_stage.go(f"/api/v1/companies/{person['id']}"))[0] == 404
    assert (await on_stage.go(f"/api/v1/contacts/{company['id']}"))[0] == 404
    companies = json.loads(await on_stage.page("/api/v1/companies"))["items"]
    assert {item["name"] for item in companies} == {"البرز مهر", "سپهر"}
    people = json.loads(await on_stage.page(f"/api/v1/contacts?company={person['company_id']}"))["items"]
    assert [item["id"] for item in people] == [person["id"]]


async def test_lists_page_in_the_order_of_the_alphabet(on_stage: Stage) -> None:
    names = ["پرویز", "بابک", "گیتی", "ژاله", "چنگیز", "یلدا", "کامران", "آرش"]
    for name in names:
        await made(on_stage, {"name": name})
    found, cursor = [], ""
    while True:
        page = json.loads(await on_stage.page(f"/api/v1/contacts?limit=3{cursor}"))
        found += [item["name"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == ["آرش", "بابک", "پرویز", "چنگیز", "ژاله", "کامران", "گیتی", "یلدا"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": " \u200f "},
        {"name": "x" * 100_000},
        {"name": "x", "numbers": [{"raw": "no digits"}]},
        {"name": "x", "mails": [{"address": "nobody"}]},
        {"name": "x", "links": [{"value": "javascript:alert(1)"}]},
        {"name": "x", "birth_date": "1405/13/01"},
        {"name": "x", "company_id": "nothing"},
        {"name": "x", "fields": {"unknown": 1}},
        {"name": "x", "id": "mine"},
        {"name": "x", "numbers": [{"raw": "1" * 12}] * 51},
        {"name": 5},
        [],
    ],
    ids=range(13),
)
async def test_what_cannot_be_is_refused(on_stage: Stage, body: object) -> None:
    status, text = await on_stage.send("POST", "/api/v1/contacts", json=body)
    assert status == 400, text
    assert json.loads(text)["detail"]


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=WzFd", "field=x", "field=nothing:is:1", "limit=0", "created_from=yesterday"]
)
async def test_a_question_that_cannot_be(on_stage: Stage, query: str) -> None:
    assert (await on_stage.go(f"/api/v1/contacts?{query}"))[0] == 400


async def test_a_write_sent_twice_is_done_once(on_stage: Stage) -> None:
    answers = []
    for _ in range(2):
        request = on_stage.http.post(on_stage.url + "/api/v1/contacts", json=MARYAM, headers={"Idempotency-Key": "one"})
        async with request as response:
            answers.append(await response.text())
    assert answers[0] == answers[1]
    assert len(json.loads(await on_stage.page("/api/v1/contacts"))["items"]) == 1
