"""Users, roles, teams, sessions, tokens and wrong sign-ins.

Why: whoever opens a page or calls the API is somebody from now on, with permissions of his role.
The built-in roles are put in here once, so that one that an administrator deletes does not come back.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AGENT = "live.view calls.view numbers.view contacts.view contacts.edit tasks.use tokens.own desk.choose"
SUPERVISOR = f"{AGENT} calls.view_team recordings.listen contacts.merge tasks.view_all notes.moderate truth.view"
MANAGER = f"{SUPERVISOR} calls.view_all calls.export contacts.delete contacts.import contacts.export audit.view"
ROLES = (
    ("agent", "Agent", AGENT),
    ("supervisor", "Supervisor", SUPERVISOR),
    ("manager", "Manager", MANAGER),
    ("administrator", "Administrator", "*"),
)


def upgrade() -> None:
    _make_people()
    _make_ways_in()
    _put_in_roles()


def _make_people() -> None:
    op.create_table(
        "role",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("permissions", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("login", sa.Text(), nullable=False, unique=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("digits", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("density", sa.Text(), nullable=False),
        sa.Column("totp_secret", sa.Text()),
        sa.Column("totp_pending", sa.Text()),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("signed_in_at", sa.Double()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_table(
        "user_team",
        sa.Column("user_id", sa.Text(), primary_key=True),
        sa.Column("team", sa.Text(), primary_key=True),
    )
    op.create_index("user_team_team", "user_team", ["team"])
    op.create_table(
        "user_work",
        sa.Column("user_id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_index("user_work_value", "user_work", ["kind", "value"])
    op.create_table(
        "user_recovery",
        sa.Column("user_id", sa.Text(), primary_key=True),
        sa.Column("code", sa.Text(), primary_key=True),
    )


def _make_ways_in() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.Double()),
    )
    op.create_index("session_user", "session", ["user_id"])
    op.create_table(
        "token",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("hash", sa.Text(), nullable=False, unique=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double()),
        sa.Column("used_at", sa.Double()),
        sa.Column("revoked_at", sa.Double()),
    )
    op.create_index("token_user", "token", ["user_id"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("free_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "access_state",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
    )


def _put_in_roles() -> None:
    role = sa.table("role", *map(sa.column, ("id", "title", "permissions", "position", "changed_at", "version")))
    rows = [
        {"id": id_, "title": title, "permissions": permissions, "position": position, "changed_at": 0.0, "version": 1}
        for position, (id_, title, permissions) in enumerate(ROLES)
    ]
    op.bulk_insert(role, rows)
    op.execute("INSERT INTO access_state (id, generation) VALUES (1, 1)")
