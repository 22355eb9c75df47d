"""The tables of alerts. Neighbours: ``service`` reads and writes them, ``cti.live.alarms`` has what an alert is."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

alert_rules = sa.Table(  # one row
    "alert_rules",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
)

alert = sa.Table(
    "alert",
    metadata,
    sa.Column("id", _key, primary_key=True),
    sa.Column("raised_at", sa.Double(), nullable=False),
    sa.Column("cleared_at", sa.Double()),
    sa.Column("body", sa.Text(), nullable=False),
    # The teams that it concerns, each between spaces; null: everybody.
    sa.Column("teams", sa.Text()),
    sa.Index("alert_newest", "raised_at", "id"),
)
