"""The timeline: what happened, and under whom it is found.

Why: calls, notes, files and tasks of a person were nowhere together.
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
        "entry",
        sa.Column("id", key, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("author", sa.Text()),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("attached", key),
    )
    op.create_table(
        "entry_subject",
        sa.Column("subject", key, primary_key=True),
        sa.Column("at", sa.Double(), primary_key=True),
        sa.Column("entry", key, primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("entry_subject_kind", "entry_subject", ["subject", "kind", "at", "entry"])
    op.create_index("entry_subject_entry", "entry_subject", ["entry"])
    op.create_table(
        "timeline_mark",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
    )
