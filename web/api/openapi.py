"""The description of the API (OpenAPI 3.1), made from the operations that serve it, and their routes."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
from aiohttp import web

from web.api import OPERATIONS
from web.api.operation import KEY_LENGTH, Operation
from web.api.schema import PROBLEM, REF, components

DOCUMENT_PATH = "/api/v1/openapi.json"
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token (`cti token create`)"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "tamas_session",
        "description": "A signed-in browser; writes then need the header X-CSRF-Token too",
    },
}
ALWAYS = (401, 403, 429)
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key is run once; asked again, it is answered as the first time",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH},
}


def routes() -> list[web.RouteDef]:
    return [*(operation.route() for operation in OPERATIONS), web.get(DOCUMENT_PATH, _serve)]


@cache
def document() -> dict[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tamas", "version": "1", "description": "Calls, people and what happened, as JSON."},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": components([o.body for o in OPERATIONS if o.body]), "securitySchemes": SECURITY},
        "security": [{"token": []}, {"session": []}],
    }


async def _serve(_request: web.Request) -> web.Response:
    return web.Response(body=msgspec.json.encode(document()), content_type="application/json")


def _describe(operation: Operation) -> dict[str, Any]:
    answers: dict[str, Any] = {"204": {"description": "Done"}}
    if operation.answers is not None:
        media = operation.gives or "application/json"
        answers = {str(operation.status): _answer("What was asked for", media, operation.answers)}
    for status in sorted({*ALWAYS, *operation.problems, *((400, 409, 413) if operation.writes else ())}):
        answers[str(status)] = _answer("Why not", "application/problem+json", PROBLEM)
    places = [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in operation.places
    ]
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag or operation.path.split("/")[3]],
        "description": f"Permission: {operation.permission.replace('|', ' or ')}",
        "parameters": [*places, *_query_parameters(operation.query), *([KEY] if operation.keyed else [])],
        "responses": answers,
    }
    if operation.body is not None:
        content = {"application/json": {"schema": {"$ref": REF.format(name=operation.body.__name__)}}}
        described["requestBody"] = {"required": True, "content": content}
    elif operation.sends:
        described["requestBody"] = {"required": True, "content": {operation.sends: {"schema": {}}}}
    return described


def _answer(description: str, media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {media: {"schema": schema}}}


def _query_parameters(query: type[msgspec.Struct]) -> list[dict[str, Any]]:
    _, (schema, *_) = (found := msgspec.json.schema_components([query])), list(found[1].values())
    parameters = []
    for name, described in schema.get("properties", {}).items():
        plain = _without_null(described)
        text = plain.pop("description", None)
        parameter = {"name": name, "in": "query", "required": False, "schema": plain}
        parameters.append(parameter | ({"description": text} if text else {}))
    return parameters


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent, never null."""
    described = {key: value for key, value in schema.items() if key != "default" or value not in (None, ())}
    choices = [choice for choice in described.pop("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        described |= choices[0]
    if "enum" in described:
        described["enum"] = [value for value in described["enum"] if value is not None]
    return described
