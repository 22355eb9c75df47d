"""Imports, what became of their rows, and the mappings that were used before.

Why: an import has to be shown, resumed after a kill, mended and taken back as a whole; and nobody wants to tell twice
what the columns of the same list mean.
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
        "contact_import",
        sa.Column("id", key, primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.Column("looked", sa.Text()),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("remembered", sa.Boolean(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("faulty", sa.Integer(), nullable=False),
        sa.Column("reverted", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text()),
        sa.Column("started_at", sa.Double()),
        sa.Column("finished_at", sa.Double()),
        sa.Column("runner", sa.Text(), nullable=False),
        sa.Column("beat", sa.Double(), nullable=False),
    )
    op.create_index("contact_import_state", "contact_import", ["state"])
    op.create_table(
        "contact_import_row",
        sa.Column("import_id", key, primary_key=True),
        sa.Column("row", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("part", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("party", key),
        sa.Column("version", sa.Integer()),
        sa.Column("before", sa.Text()),
        sa.Column("faults", sa.Text()),
        sa.Column("cells", sa.Text()),
        sqlite_with_rowid=False,
    )
    op.create_index("contact_import_row_party", "contact_import_row", ["party", "import_id"])
    op.create_table(
        "contact_import_mapping",
        sa.Column("fingerprint", key, primary_key=True),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=False),
    )
