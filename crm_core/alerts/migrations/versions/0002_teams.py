"""The teams that each alert concerns.

Why: who leads a team is told of what is wrong there and of nothing else, also when he asks what was.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("teams", sa.Text()))
    # Of those before nobody knows whom they concerned, but for lines and links, which concern everybody.
    op.execute(
        "UPDATE alert SET teams = '' WHERE body NOT LIKE '%\"kind\":\"link_down\"%' "
        'AND body NOT LIKE \'%"kind":"trunk_down"%\''
    )
