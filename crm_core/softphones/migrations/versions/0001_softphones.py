"""SIP accounts of the phones that are used in the browser, and how well calls were heard there.

Why: an agent answers in the browser; the account's secret is handed out by the product, so it has to keep it (sealed
with the key of the data folder).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "softphone",
        sa.Column("pbx", sa.Text(), primary_key=True),
        sa.Column("endpoint", sa.Text(), primary_key=True),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "call_quality",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("user_id", sa.Text(), primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("round_trip", sa.Double()),
        sa.Column("jitter", sa.Double(), nullable=False),
        sa.Column("loss", sa.Double(), nullable=False),
    )
