"""Tasks.

Why: what was promised on the telephone was remembered, or not.
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
        "task",
        sa.Column("id", key, primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("owner", key, nullable=False),
        sa.Column("owner_name", sa.Text(), nullable=False),
        sa.Column("party", key),
        sa.Column("call", key),
        sa.Column("due_at", sa.Double()),
        sa.Column("due_day", sa.Text()),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("made_by", key, nullable=False),
        sa.Column("made_by_name", sa.Text(), nullable=False),
        sa.Column("done_at", sa.Double()),
        sa.Column("done_by_name", sa.Text(), nullable=False),
        sa.Column("due_sort", sa.Double(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
    )
    for name, column in (("task_of_owner", "owner"), ("task_made_by", "made_by"), ("task_of_party", "party")):
        op.create_index(name, "task", [column, "open", "due_sort", "id"])
    op.create_index("task_of_call", "task", ["call"])
    op.create_index("task_due", "task", ["open", "due_sort", "id"])
