"""Results to choose from, notes of calls, and the results of calls; with a first set of results.

Why: what came of a call stood nowhere, and nobody begins with an empty list.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# id, Persian, English, shape, tone, needs a note, days until a follow-up, details (id, Persian, English)
FIRST: tuple[tuple[str, str, str, str, str, bool, int | None, tuple[tuple[str, str, str], ...]], ...] = (
    ("resolved", "حل شد", "Resolved", "check", "positive", False, None, ()),
    ("follow-up", "نیازمند پیگیری", "Needs follow-up", "clock", "neutral", False, 1, (
        ("follow-up-customer", "منتظر مشتری", "Waiting for the customer"),
        ("follow-up-colleague", "منتظر همکار", "Waiting for a colleague"),
        ("follow-up-call", "قول تماس دوباره", "Promised to call back"),
    )),
    ("passed-on", "انتقال به واحد دیگر", "Passed on", "arrow", "neutral", False, None, ()),
    ("complaint", "شکایت", "Complaint", "alert", "negative", True, None, (
        ("complaint-product", "کالا یا کیفیت", "Product or quality"),
        ("complaint-delivery", "تحویل", "Delivery"),
        ("complaint-bill", "صورتحساب", "Bill"),
        ("complaint-service", "رفتار یا خدمت", "Service"),
    )),
    ("information", "اطلاع‌رسانی", "Information", "info", "neutral", False, None, ()),
    ("wrong-number", "شمارهٔ اشتباه", "Wrong number", "cross", "neutral", False, None, ()),
    ("sale", "فروش", "Sale", "star", "positive", False, None, (
        ("sale-ordered", "سفارش داد", "Ordered"),
        ("sale-interested", "علاقه‌مند", "Interested"),
        ("sale-declined", "نخواست", "Declined"),
    )),
    ("no-answer", "پاسخ نداد", "No answer", "silent", "negative", False, 1, ()),
)  # fmt: skip


def _first() -> Iterator[dict[str, Any]]:
    columns = ("id", "label_fa", "label_en", "shape", "tone", "needs_note", "follow_up_days")
    always = {"queue": "", "active": True, "version": 1}
    for position, (*own, details) in enumerate(FIRST):
        parent = dict(zip(columns, own, strict=True))
        yield {**always, **parent, "parent": None, "position": position}
        for place, words in enumerate(details):
            detail = dict(zip(columns[:3], words, strict=True))
            yield {**always, **parent, **detail, "parent": parent["id"], "position": place}


def upgrade() -> None:
    key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    table = op.create_table(
        "disposition",
        sa.Column("id", key, primary_key=True),
        sa.Column("queue", key, nullable=False),
        sa.Column("parent", key),
        sa.Column("label_fa", sa.Text(), nullable=False),
        sa.Column("label_en", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("needs_note", sa.Boolean(), nullable=False),
        sa.Column("follow_up_days", sa.Integer()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("disposition_of_queue", "disposition", ["queue", "position", "id"])
    op.bulk_insert(table, list(_first()))
    op.create_table(
        "call_note",
        sa.Column("call", key, primary_key=True),
        sa.Column("user_id", key, primary_key=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.Double(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "call_result",
        sa.Column("call", key, primary_key=True),
        sa.Column("user_id", key, primary_key=True),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("disposition", key, nullable=False),
        sa.Column("task", key),
        sa.Column("saved_at", sa.Double(), nullable=False),
    )
    op.create_index("call_result_of_user", "call_result", ["user_id", "saved_at"])
    op.create_index("call_result_disposition", "call_result", ["disposition"])
