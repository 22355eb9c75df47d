"""JSON schemas of what the API answers, made from the structs that are answered.

``cti.live.record.to_json`` writes times as RFC 3339 text, so where the struct has epoch seconds the
schema says ``date-time``; ``tests/web/api`` holds real answers to it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cti.live.record import TIME_FIELDS, CallRecord

_REF = "#/components/schemas/{name}"


class Problem(msgspec.Struct):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


RECORD: dict[str, Any] = {"$ref": _REF.format(name="CallRecord")}
PROBLEM: dict[str, Any] = {"$ref": _REF.format(name="Problem")}


def page_of(item: dict[str, Any]) -> dict[str, Any]:
    """A keyset page: ``next`` is the cursor of the one after, null on the last."""
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": item}, "next": {"type": ["string", "null"]}},
    }


def components() -> dict[str, Any]:
    """Every named schema of the API."""
    _, found = msgspec.json.schema_components([CallRecord, Problem], ref_template=_REF)
    for schema in found.values():
        properties = schema.get("properties", {})
        for name in TIME_FIELDS.intersection(properties):
            properties[name] = _as_text(properties[name])
        schema["required"] = list(properties)  # answers always have every field
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))  # tuples become arrays
    return plain


def _as_text(schema: dict[str, Any]) -> dict[str, Any]:
    moment = {"type": "string", "format": "date-time"}
    nullable = any(choice.get("type") == "null" for choice in schema.get("anyOf", ()))
    return {"anyOf": [moment, {"type": "null"}]} if nullable else moment
