"""Who may act on the calls of his teams, hear them, lead agents and see the past; and who says what is warned of, what
hangs on the wall and how figures are counted.

Why: the roles that the product came with get the rights of their work; a role that an administrator made or
emptied stays as it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LEAD = (
    "live.act", "monitor.listen", "monitor.speak", "agents.manage", "playback.view", "alerts.manage",
    "wallboards.manage",
)  # fmt: skip
GIVEN = {"supervisor": LEAD, "manager": (*LEAD, "figures.manage")}


def upgrade() -> None:
    role = sa.table("role", sa.column("id", sa.Text), sa.column("permissions", sa.Text))
    has = {row.id: row.permissions for row in op.get_bind().execute(sa.select(role.c.id, role.c.permissions))}
    for name, given in GIVEN.items():
        # Whose role does not see the calls of a team does not lead one.
        if "calls.view_team" not in has.get(name, "").split():
            continue
        permissions = " ".join(dict.fromkeys((*has[name].split(), *given)))
        op.execute(sa.update(role).where(role.c.id == name).values(permissions=permissions))
