"""Who worked at the phones of a call, as it was when they rang; and since when that is written down.

Why: whose calls are one's own was judged by the phone that one has now, so that who sat down at a colleague's phone
saw the colleague's calls and lost his own.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_agent",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("uniqueid", sa.Text(), primary_key=True),
        sa.Column("user_id", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("extension", sa.Text()),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("talk_seconds", sa.Double(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_index("call_agent_of_user", "call_agent", ["user_id", "at"])
    since = op.create_table("call_agent_since", sa.Column("at", sa.Double(), primary_key=True))
    op.bulk_insert(since, [{"at": time.time()}])
