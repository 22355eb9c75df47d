"""Files that people add.

Why: the papers of a customer lay in mailboxes.
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
        "file",
        sa.Column("id", key, primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("digest", key, nullable=False),
        sa.Column("party", key),
        sa.Column("call", key),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("added_at", sa.Double(), nullable=False),
        sa.Column("deleted_at", sa.Double()),
        sa.Column("deleted_by", sa.Text(), nullable=False),
    )
    for name, column in (("party", "party"), ("call", "call")):
        op.create_index(f"file_of_{name}", "file", [column, "id"])
    op.create_index("file_of_digest", "file", ["digest"])
