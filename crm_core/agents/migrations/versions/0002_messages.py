"""Messages of supervisors to agents and teams, and who has read them.

Why: what somebody was told during a shift has to be there when he looks up from his call, and whoever told it wants to
know that it was read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    op.create_table(
        "agent_message",
        sa.Column("id", key, primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("author", key, nullable=False),
        sa.Column("author_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("teams", sa.Text(), nullable=False),
    )
    op.create_index("agent_message_of", "agent_message", ["author", "id"])
    op.create_table(
        "agent_message_to",
        sa.Column("user_id", key, primary_key=True),
        sa.Column("message", key, primary_key=True),
        sa.Column("read_at", sa.Double()),
        sqlite_with_rowid=False,
    )
    op.create_index("agent_message_to_message", "agent_message_to", ["message"])
