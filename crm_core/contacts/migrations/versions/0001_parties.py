"""People and companies, and the tables to find them by.

Why: a call is worth logging because of who it is with.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_seconds: sa.Double[float] = sa.Double()
LIVE = "deleted_at IS NULL AND merged_into IS NULL"


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(name, table, columns, postgresql_where=condition, sqlite_where=condition)


def _finder(name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, *columns, sqlite_with_rowid=False)


def upgrade() -> None:
    _parties()
    _finder(
        "party_number",
        sa.Column("party_id", _key, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("key", _key),
        sa.Column("tail", _key),
        sa.Column("kind", _text, nullable=False),
        sa.Column("label", _text, nullable=False),
    )
    _index("party_number_key", "party_number", ["key"])
    _index("party_number_tail", "party_number", ["tail"])
    _finder("party_mail", sa.Column("party_id", _key, primary_key=True), sa.Column("key", _key, primary_key=True))
    _index("party_mail_key", "party_mail", ["key"])
    for name in ("tag", "role"):
        _finder(
            f"party_{name}",
            sa.Column(name, _key, primary_key=True),
            sa.Column("sort_key", _key, primary_key=True),
            sa.Column("party_id", _key, primary_key=True),
        )
        _index(f"party_{name}_party", f"party_{name}", ["party_id"])
    _finder(
        "party_field",
        sa.Column("party_id", _key, primary_key=True),
        sa.Column("field", _key, primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("text", _key),
        sa.Column("number", sa.Double),
    )
    _index("party_field_text", "party_field", ["field", "text"])
    _index("party_field_number", "party_field", ["field", "number"])


def _parties() -> None:
    op.create_table(
        "party",
        sa.Column("id", _key, primary_key=True),
        sa.Column("kind", _text, nullable=False),
        sa.Column("name", _text, nullable=False),
        sa.Column("first_name", _text, nullable=False),
        sa.Column("last_name", _text, nullable=False),
        sa.Column("honorific", _text, nullable=False),
        sa.Column("company_id", _key),
        sa.Column("company_name", _text, nullable=False),
        sa.Column("position", _text, nullable=False),
        sa.Column("tier", _text, nullable=False),
        sa.Column("owner", _key),
        sa.Column("team", _key),
        sa.Column("source", _text, nullable=False),
        sa.Column("source_at", _seconds),
        sa.Column("do_not_call", sa.Boolean, nullable=False),
        sa.Column("do_not_sms", sa.Boolean, nullable=False),
        sa.Column("language", _text, nullable=False),
        sa.Column("birth_date", _text, nullable=False),
        sa.Column("national_id", _text, nullable=False),
        sa.Column("economic_code", _text, nullable=False),
        sa.Column("created_at", _seconds, nullable=False),
        sa.Column("created_by", _text, nullable=False),
        sa.Column("changed_at", _seconds, nullable=False),
        sa.Column("changed_by", _text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("deleted_at", _seconds),
        sa.Column("merged_into", _key),
        sa.Column("parts", _text, nullable=False),
        sa.Column("sort_key", _key, nullable=False),
        sa.Column("name_key", _key, nullable=False),
    )
    _index("party_by_name", "party", ["sort_key", "id"], LIVE)
    _index("party_by_kind", "party", ["kind", "sort_key", "id"], LIVE)
    _index("party_by_change", "party", ["changed_at", "id"], LIVE)
    _index("party_by_age", "party", ["created_at", "id"], LIVE)
    _index("party_of_owner", "party", ["owner", "sort_key", "id"], LIVE)
    _index("party_of_company", "party", ["company_id", "sort_key", "id"], LIVE)
    _index("party_of_tier", "party", ["tier", "sort_key", "id"], f"tier <> '' AND {LIVE}")
    _index("party_of_source", "party", ["source", "sort_key", "id"], f"source <> '' AND {LIVE}")
    _index("party_not_called", "party", ["sort_key", "id"], f"do_not_call AND {LIVE}")
    _index("party_by_name_key", "party", ["name_key", "kind"])
    _index("party_merged", "party", ["merged_into"], "merged_into IS NOT NULL")
    _index("party_deleted", "party", ["deleted_at", "id"], "deleted_at IS NOT NULL")
    _index("party_national_id", "party", ["national_id"], "national_id <> ''")
