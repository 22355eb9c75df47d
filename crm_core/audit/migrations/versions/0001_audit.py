"""Who saw, changed, exported or listened to what; only ever added to.

Why: what happened must stand as it happened, whoever comes to the database afterwards. The triggers refuse what would
change or take away an entry, on SQLite also the ``INSERT OR REPLACE`` that deletes without a trigger's notice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TEXTS = ("actor", "actor_name", "actor_kind", "session", "origin", "action", "kind", "record")
_SENTENCE = "the audit is only ever added to"

_POSTGRESQL = (
    f"""CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{_SENTENCE}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER audit_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()""",
)
_SQLITE = (
    f"CREATE TRIGGER audit_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
    f"CREATE TRIGGER audit_not_deleted BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END",
    f"""CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '{_SENTENCE}'); END""",
)


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), primary_key=True),
        sa.Column("at", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in _TEXTS),
        sa.Column("detail", sa.Text()),
    )
    op.create_index("audit_of_record", "audit", ["kind", "record", "id"])
    op.create_index("audit_by_actor", "audit", ["actor", "id"])
    op.create_index("audit_by_action", "audit", ["action", "id"])
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)
