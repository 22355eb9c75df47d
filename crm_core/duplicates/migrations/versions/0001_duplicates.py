"""Who may be the same, who is not, and what was merged.

Why: the same customer comes in by telephone, by import and by hand; made one, nothing of either may be lost.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "duplicate_pair",
        sa.Column("low", _key, primary_key=True),
        sa.Column("high", _key, primary_key=True),
        sa.Column("kind", _key, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("found_at", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("duplicate_pair_high", "duplicate_pair", ["high"])
    op.create_index("duplicate_pair_score", "duplicate_pair", ["score", "low", "high"])
    op.create_table(
        "duplicate_dismissed",
        sa.Column("low", _key, primary_key=True),
        sa.Column("high", _key, primary_key=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "duplicate_mark",
        sa.Column("name", _key, primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
    )
    op.create_table(
        "party_merge",
        sa.Column("id", _key, primary_key=True),
        sa.Column("survivor", _key, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("undone_at", sa.Double),
    )
    op.create_index("party_merge_survivor", "party_merge", ["survivor", "at"])
    op.create_index("party_merge_at", "party_merge", ["at"])
