"""The first tables: calls, what hangs on them, merged ids, and what the PBX's truth said.

Why: nothing was kept before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    digits = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    unfinished = sa.text("provisional")
    op.create_table(
        "call",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("queue", sa.Text()),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double()),
        sa.Column("wait_seconds", sa.Double()),
        sa.Column("talk_seconds", sa.Double(), nullable=False),
        sa.Column("hold_seconds", sa.Double(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.SmallInteger(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.Double()),
    )
    op.create_index("call_by_outcome", "call", ["outcome", "started_at", "id"])
    op.create_index("call_newest", "call", ["started_at", "id"])
    op.create_index("call_of_pbx", "call", ["pbx", "started_at"])
    op.create_index("call_unfinished", "call", ["id"], postgresql_where=unfinished, sqlite_where=unfinished)
    op.create_table(
        "leg",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("uniqueid", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("extension", sa.Text()),
        sa.Column("outside", sa.Boolean(), nullable=False),
        sa.Column("result", sa.Text()),
        sa.Column("rang_at", sa.Double()),
        sa.Column("answered_at", sa.Double()),
        sa.Column("ended_at", sa.Double()),
        sa.Column("ring_seconds", sa.Double(), nullable=False),
        sa.Column("talk_seconds", sa.Double(), nullable=False),
        sa.Column("consult_seconds", sa.Double(), nullable=False),
        sa.Column("hold_seconds", sa.Double(), nullable=False),
    )
    op.create_index("leg_of_endpoint", "leg", ["endpoint", "started_at", "call_id"])
    op.create_index("leg_of_extension", "leg", ["extension", "started_at", "call_id"])
    op.create_table(
        "queue_wait",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.Double(), nullable=False),
        sa.Column("seconds", sa.Double()),
        sa.Column("answered", sa.Boolean(), nullable=False),
    )
    op.create_index("queue_wait_newest", "queue_wait", ["queue", "started_at", "call_id"])
    op.create_table(
        "transfer",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_endpoint", sa.Text()),
        sa.Column("to_number", sa.Text()),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "call_number",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("digits", digits, primary_key=True),
        sa.Column("reversed", digits, nullable=False),
    )
    op.create_index("call_number_digits", "call_number", ["digits"])
    op.create_index("call_number_reversed", "call_number", ["reversed"])
    op.create_table(
        "call_linkedid",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("linkedid", sa.Text(), primary_key=True),
    )
    op.create_index("call_linkedid_call", "call_linkedid", ["linkedid"])
    op.create_table(
        "call_alias",
        sa.Column("gone", sa.Text(), primary_key=True),
        sa.Column("survivor", sa.Text(), nullable=False),
    )
    op.create_index("call_alias_survivor", "call_alias", ["survivor"])
    op.create_table(
        "difference",
        sa.Column("call_id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("pbx", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_index("difference_of_pbx", "difference", ["pbx", "started_at"])
    op.create_table(
        "truth_day",
        sa.Column("pbx", sa.Text(), primary_key=True),
        sa.Column("day", sa.Text(), primary_key=True),
        sa.Column("checked_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "pbx_clock",
        sa.Column("pbx", sa.Text(), primary_key=True),
        sa.Column("at", sa.Double(), primary_key=True),
        sa.Column("offset_seconds", sa.Double(), nullable=False),
    )
