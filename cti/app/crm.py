"""The services of ``crm_core``, made over one database: the one place that knows what each is made of."""

from __future__ import annotations

from crm_core.audit.service import Audit
from crm_core.fields.service import Fields
from crm_core.replies.service import Replies
from cti.kernel.clock import Clock
from cti.kernel.db import Database
from cti.kernel.settings import Settings
from web.services import Crm


def open_crm(settings: Settings, database: Database, clock: Clock) -> Crm:
    """All of it; nothing is read or started yet."""
    audit = Audit(database, clock)
    return Crm(
        database=database,
        replies=Replies(database, clock),
        audit=audit,
        fields=Fields(database, clock, audit),
    )
