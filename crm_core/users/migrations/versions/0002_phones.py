"""What each PBX was last seen to have, and who sits at which phone.

Why: lists to choose from are there before the PBX is reached after a start, and a phone chosen for the day stays
chosen through one.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pbx_seen",
        sa.Column("pbx", sa.Text(), primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_table(
        "desk",
        sa.Column("extension", sa.Text(), primary_key=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
    )
    op.create_table(
        "desk_lost",
        sa.Column("user_id", sa.Text(), primary_key=True),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
