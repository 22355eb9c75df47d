"""The table of answers. Neighbours: ``service`` reads and writes it, ``migrations`` makes it."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

reply = sa.Table(
    "reply",
    metadata,
    sa.Column("actor", sa.Text(), primary_key=True),
    sa.Column("key", sa.Text(), primary_key=True),
    sa.Column("fingerprint", sa.Text(), nullable=False),
    sa.Column("status", sa.Integer()),  # null: still at work
    sa.Column("body", sa.LargeBinary()),
    sa.Column("at", sa.Double(), nullable=False),
    sa.Index("reply_at", "at"),
)
