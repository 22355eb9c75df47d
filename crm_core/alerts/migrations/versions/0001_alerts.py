"""The rules of alerts, and each alert that was raised.

Why: an alert that is open has to survive a restart with who took it, and somebody may ask later what was wrong when.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "alert_rules",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "alert",
        sa.Column("id", key, primary_key=True),
        sa.Column("raised_at", sa.Double(), nullable=False),
        sa.Column("cleared_at", sa.Double()),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("alert_newest", "alert", ["raised_at", "id"])
