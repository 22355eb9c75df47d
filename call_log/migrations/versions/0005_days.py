"""Days that are tallied for the figures.

Why: the figures of a month read every record of it, which takes half a minute where there are many calls. They are
tallied anew from the records wherever one is missing, so there is nothing to fill in here.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "figure_day",
        sa.Column("start", sa.Double(), primary_key=True),
        sa.Column("ends", sa.Double(), nullable=False),
        sa.Column("tallied", sa.Integer(), nullable=False),
    )
    op.create_table(
        "figure_part",
        sa.Column("start", sa.Double(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("pbx", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
