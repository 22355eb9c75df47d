"""Wallboards and the hashes of their links.

Why: a screen on a wall has nobody who signs in; it gets a link that opens its board and nothing else.
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
        "wallboard",
        sa.Column("id", key, primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("secret_hash", key, nullable=True, unique=True),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("issued_at", sa.Double(), nullable=True),
    )
