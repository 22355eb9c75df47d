"""What people, companies and texts are found by.

Why: who calls is looked for in any spelling, and a part of his number must do.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_doc = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_words = sa.Text().with_variant(TSVECTOR(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "party_index",
        sa.Column("id", _key, nullable=False, unique=True),
        sa.Column("kind", _key, nullable=False),
        sa.Column("key", _key, nullable=False),
        sa.Column("digits", _key, nullable=False),
        sa.Column("words", _words, nullable=False),
        sa.Column("doc", _doc, primary_key=True),
    )
    op.create_index("party_index_key", "party_index", ["kind", "key"])
    op.create_table(
        "text_index",
        sa.Column("kind", _key, nullable=False),
        sa.Column("id", _key, nullable=False),
        sa.Column("party_id", _key, nullable=False),
        sa.Column("call_id", _key, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("words", _words, nullable=False),
        sa.Column("doc", _doc, primary_key=True),
        sa.UniqueConstraint("kind", "id", name="text_index_source"),
    )
    for table in ("party_index", "text_index"):
        _full_text(table)


def _full_text(table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(f"{table}_words", table, ["words"], postgresql_using="gin")
        return
    # https://sqlite.org/fts5.html#external_content_tables: the triggers are how FTS5 is kept in step.
    words = f"{table}_words"
    gone = f"INSERT INTO {words} ({words}, rowid, words) VALUES ('delete', old.doc, old.words);"
    come = f"INSERT INTO {words} (rowid, words) VALUES (new.doc, new.words);"
    op.execute(
        f"CREATE VIRTUAL TABLE {words} USING fts5 "
        f"(words, content='{table}', content_rowid='doc', tokenize='unicode61', detail='none', columnsize=0)"
    )
    op.execute(f"CREATE TRIGGER {table}_come AFTER INSERT ON {table} BEGIN {come} END")
    op.execute(f"CREATE TRIGGER {table}_gone AFTER DELETE ON {table} BEGIN {gone} END")
    op.execute(f"CREATE TRIGGER {table}_changed AFTER UPDATE ON {table} BEGIN {gone} {come} END")
