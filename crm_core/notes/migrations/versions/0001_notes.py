"""Notes, and whom they mention.

Why: what was said with somebody stood nowhere.
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
        "note",
        sa.Column("id", key, primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("party", key),
        sa.Column("call", key),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("written_at", sa.Double(), nullable=False),
        sa.Column("edited_at", sa.Double()),
        sa.Column("mentioned", sa.Text(), nullable=False),
    )
    op.create_index("note_of_party", "note", ["party", "id"])
    op.create_index("note_of_call", "note", ["call", "id"])
    op.create_index("note_of_author", "note", ["author", "id"])
    op.create_table(
        "note_mention",
        sa.Column("user_id", key, primary_key=True),
        sa.Column("note", key, primary_key=True),
        sa.Column("seen_at", sa.Double()),
        sqlite_with_rowid=False,
    )
    op.create_index("note_mention_note", "note_mention", ["note"])
