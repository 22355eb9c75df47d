"""The description of the API (OpenAPI 3.1), made from the operations that serve it, and their routes."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from aiohttp import web

from web.api import OPERATIONS
from web.api.operation import Operation
from web.api.schema import PROBLEM, components

DOCUMENT_PATH = "/api/v1/openapi.json"


def routes() -> list[web.RouteDef]:
    return [*(operation.route() for operation in OPERATIONS), web.get(DOCUMENT_PATH, _serve)]


@cache
def document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tamas", "version": "1", "description": "The call log of a phone system, as JSON."},
        "paths": paths,
        "components": {"schemas": components()},
    }


async def _serve(_request: web.Request) -> web.Response:
    return web.Response(body=msgspec.json.encode(document()), content_type="application/json")


def _describe(operation: Operation) -> dict[str, Any]:
    answers = {"200": _answer("What was asked for", "application/json", operation.answers)}
    for status in operation.problems:
        answers[str(status)] = _answer("Why not", "application/problem+json", PROBLEM)
    places = [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in operation.places
    ]
    return {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*places, *_query_parameters(operation.query)],
        "responses": answers,
    }


def _answer(description: str, media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {media: {"schema": schema}}}


def _query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    _, (schema, *_) = (found := msgspec.json.schema_components([query])), list(found[1].values())
    parameters = []
    for name, described in schema["properties"].items():
        plain = _without_null(described)
        text = plain.pop("description", None)
        parameter = {"name": name, "in": "query", "required": False, "schema": plain}
        parameters.append(parameter | ({"description": text} if text else {}))
    return parameters


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent, never null."""
    described = {key: value for key, value in schema.items() if key != "default" or value is not None}
    choices = [choice for choice in described.pop("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        described |= choices[0]
    if "enum" in described:
        described["enum"] = [value for value in described["enum"] if value is not None]
    return described
