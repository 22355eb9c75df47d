"""The JSON API under ``/api/v1``: one file a resource, all listed in ``OPERATIONS``."""

from __future__ import annotations

from web.api import calls, fields, people
from web.api.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    calls.LIST,
    calls.ONE,
    fields.LIST,
    fields.CREATE,
    fields.CHANGE,
    *people.CONTACTS,
    *people.COMPANIES,
)
