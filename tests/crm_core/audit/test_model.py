"""The table is as `service` fills it (that it is as the migrations make it, `replies/test_model` holds for all)."""

from __future__ import annotations

from crm_core.audit.model import audit
from crm_core.audit.service import AuditEntry


def test_the_columns_are_the_fields_of_an_entry_in_their_order() -> None:
    assert tuple(audit.columns.keys()) == AuditEntry.__struct_fields__
