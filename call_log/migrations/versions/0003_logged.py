"""The number of the commit that wrote a call or a merge, so that others can follow the log.

Why: the timeline has to find what was written while it was down, or in the moment before the process was killed. The
time of a record does not tell: the PBX's truth brings old calls late.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, name in (("call", "id"), ("call_alias", "gone")):
        op.add_column(table, sa.Column("logged", sa.BigInteger(), nullable=False, server_default="1"))
        op.create_index(f"{table}_logged", table, ["logged", name])
