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
    _full_text("person_words", "party_index", "person")
    _full_text("company_words", "party_index", "company")
    _full_text("text_words", "text_index")


def _full_text(name: str, table: str, kind: str = "") -> None:
    if op.get_bind().dialect.name == "postgresql":
        where = sa.text(f"kind = '{kind}'") if kind else None
        op.create_index(name, table, ["words"], postgresql_using="gin", postgresql_where=where)
        return
    of_kind = f" WHERE kind = '{kind}'" if kind else ""
    when_old, when_new = (f" WHEN {row}.kind = '{kind}'" if kind else "" for row in ("old", "new"))
    # https://sqlite.org/fts5.html#external_content_tables: the triggers are how FTS5 is kept in step.
    op.execute(f"CREATE VIEW {name}_of AS SELECT doc, words FROM {table}{of_kind}")
    op.execute(
        f"CREATE VIRTUAL TABLE {name} USING fts5 "
        f"(words, content='{name}_of', content_rowid='doc', tokenize='unicode61', detail='none', columnsize=0)"
    )
    # So much is gathered before it is written: by default a transaction of an import would write many small pieces,
    # to be merged at once (https://sqlite.org/fts5.html#the_hashsize_configuration_option).
    op.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('hashsize', 16777216)")
    gone = f"INSERT INTO {name} ({name}, rowid, words) VALUES ('delete', old.doc, old.words);"
    come = f"INSERT INTO {name} (rowid, words) VALUES (new.doc, new.words);"
    for suffix, event, when, doing in (
        ("come", "INSERT", when_new, come),
        ("gone", "DELETE", when_old, gone),
        ("changed", "UPDATE", when_new, gone + come),  # what somebody is never changes
    ):
        op.execute(f"CREATE TRIGGER {name}_{suffix} AFTER {event} ON {table}{when} BEGIN {doing} END")
