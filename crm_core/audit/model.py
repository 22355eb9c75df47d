"""The table of who did what. Neighbours: ``service`` writes and reads it, ``migrations`` makes it.

Nobody changes or deletes an entry: ``migrations`` puts triggers on it that refuse.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
_id = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

audit = sa.Table(
    "audit",
    metadata,
    # Made by ``ordered.Ordered``: the order of ids is the order of time, so one key serves to page and to cut by time.
    sa.Column("id", _id, primary_key=True),
    sa.Column("at", sa.Double(), nullable=False),
    sa.Column("actor", sa.Text(), nullable=False),
    sa.Column("actor_name", sa.Text(), nullable=False),
    sa.Column("actor_kind", sa.Text(), nullable=False),
    sa.Column("session", sa.Text(), nullable=False),
    sa.Column("origin", sa.Text(), nullable=False),
    sa.Column("action", sa.Text(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("record", sa.Text(), nullable=False),
    sa.Column("detail", sa.Text()),  # a JSON object
    sa.Index("audit_of_record", "kind", "record", "id"),
    sa.Index("audit_by_actor", "actor", "id"),
    sa.Index("audit_by_action", "action", "id"),
)
