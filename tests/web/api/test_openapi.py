"""The description of the API is valid OpenAPI 3.1 and describes what is served, no more and no less."""

from __future__ import annotations

import json

from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.web.conftest import Stage
from web.api import OPERATIONS
from web.api.openapi import document
from web.server import create_app


def test_it_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


async def test_it_is_served(on_stage: Stage) -> None:
    served = json.loads(await on_stage.page("/api/v1/openapi.json"))
    assert served == json.loads(json.dumps(document()))
    assert served["openapi"].startswith("3.1")


async def test_every_route_under_api_is_described(on_stage: Stage) -> None:
    app = create_app(on_stage.services)
    served = {r.canonical for r in app.router.resources() if r.canonical.startswith("/api/")}
    assert served == set(document()["paths"]) | {"/api/v1/openapi.json"}


def test_parameters_are_those_that_are_taken() -> None:
    for operation in OPERATIONS:
        described = document()["paths"][operation.path][operation.method.lower()]["parameters"]
        query = {p["name"] for p in described if p["in"] == "query"}
        assert query == set(operation.query.__struct_encode_fields__)
        assert ("Idempotency-Key" in {p["name"] for p in described}) == operation.keyed
        assert all("null" not in json.dumps(p["schema"]) for p in described)
        assert {p["name"] for p in described if p["in"] == "path"} == {name for name, _ in operation.places}


def test_no_text_in_an_address_is_endless() -> None:
    for path, operations in document()["paths"].items():
        for described in operations.values():
            for parameter in described["parameters"]:
                schema = parameter["schema"].get("items", parameter["schema"])
                if parameter["in"] == "query" and schema.get("type") == "string":
                    assert {"maxLength", "enum", "format", "pattern"} & schema.keys(), (path, parameter["name"])
