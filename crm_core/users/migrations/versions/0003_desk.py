"""Who may take calls at the desk, dial by a click and see colleagues; and who says what results and pauses there are.

Why: the roles that the product came with get the rights of their work; a role that an administrator made or
emptied stays as it is.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DESK = ("desk.use", "calls.dial", "agents.view")
GIVEN = {"agent": DESK, "supervisor": DESK, "manager": (*DESK, "results.manage")}


def upgrade() -> None:
    role = sa.table("role", sa.column("id", sa.Text), sa.column("permissions", sa.Text))
    has = {row.id: row.permissions for row in op.get_bind().execute(sa.select(role.c.id, role.c.permissions))}
    for name, given in GIVEN.items():
        # Whose role sees no calls takes none either.
        if "calls.view" not in has.get(name, "").split():
            continue
        permissions = " ".join(dict.fromkeys((*has[name].split(), *given)))
        op.execute(sa.update(role).where(role.c.id == name).values(permissions=permissions))
