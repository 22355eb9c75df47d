"""The table of the rules of figures. Neighbours: ``rules`` reads and writes it, ``cti.live.figures`` has the rules."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

figure_rules = sa.Table(  # one row
    "figure_rules",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
)
