"""The schemas say of the JSON exactly what it is: every record of the sample is held to them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from cti.live.record import TIME_FIELDS, CallRecord, to_json
from tests.web import sample
from web.api.schema import components


def validator() -> Draft202012Validator:
    schema = {"$ref": "#/components/schemas/CallRecord", "components": {"schemas": strict()}}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def strict() -> dict[str, Any]:
    """The schemas with unknown fields forbidden, so that a field missing from them is seen."""
    return {name: {**schema, "additionalProperties": False} for name, schema in components().items()}


@pytest.mark.parametrize("record", [*sample.log(), *(c.record for c in sample.live_calls())], ids=lambda r: r.id)
def test_records_are_as_the_schema_says(record: CallRecord) -> None:
    answer = msgspec.json.decode(msgspec.json.encode(to_json(record)))
    assert list(validator().iter_errors(answer)) == []


def test_a_wrong_answer_would_be_noticed() -> None:
    answer = msgspec.json.decode(msgspec.json.encode(to_json(sample.transferred())))
    for change in ({"outcome": "won"}, {"started_at": 1.5}, {"extra": 1}, {"talk_seconds": "long"}):
        assert list(validator().iter_errors({**answer, **change}))
    del answer["legs"]
    assert list(validator().iter_errors(answer))


def test_no_time_is_left_a_number() -> None:
    for schema in components().values():
        for name in TIME_FIELDS.intersection(schema.get("properties", ())):
            assert "number" not in str(schema["properties"][name])
