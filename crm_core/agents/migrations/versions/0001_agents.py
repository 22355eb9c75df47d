"""What each agent is doing, what he did, and the reasons and rules for it.

Why: a PBX forgets reasons when it restarts and wrap-up when a call is transferred; and what agents did is to be told
in reports long afterwards.
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
        "agent_state",
        sa.Column("user_id", key, primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "agent_event",
        sa.Column("id", key, primary_key=True),
        sa.Column("user_id", key, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("call", key, nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("by_user", key, nullable=False),
    )
    op.create_index("agent_event_of", "agent_event", ["user_id", "at"])
    op.create_index("agent_event_at", "agent_event", ["at"])
    op.create_table(
        "agent_rules",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
