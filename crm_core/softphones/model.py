"""Accounts and figures of softphones: their tables, and what is told of them.

Neighbours: ``service`` reads and writes them, ``quality`` makes one figure of several.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import sqlalchemy as sa
from msgspec import Meta

LONGEST = 80

metadata = sa.MetaData()

softphone = sa.Table(
    "softphone",
    metadata,
    sa.Column("pbx", sa.Text(), primary_key=True),
    sa.Column("endpoint", sa.Text(), primary_key=True),
    sa.Column("extension", sa.Text(), nullable=False),
    sa.Column("login", sa.Text(), nullable=False),
    sa.Column("secret", sa.Text(), nullable=False),  # sealed
    sa.Column("ours", sa.Boolean(), nullable=False),
    sa.Column("changed_at", sa.Double(), nullable=False),
)

call_quality = sa.Table(
    "call_quality",
    metadata,
    sa.Column("call_id", sa.Text(), primary_key=True),
    sa.Column("user_id", sa.Text(), primary_key=True),
    sa.Column("at", sa.Double(), nullable=False),
    sa.Column("seconds", sa.Double(), nullable=False),
    sa.Column("round_trip", sa.Double()),  # null: the other side sent no reports
    sa.Column("jitter", sa.Double(), nullable=False),
    sa.Column("loss", sa.Double(), nullable=False),
)


class Softphone(msgspec.Struct, frozen=True, kw_only=True):
    """A phone that is used in the browser. ``endpoint`` as its PBX names it (``PJSIP/210``); ``login``: the name in its
    SIP account. ``ours``: its secret is made by the product, in the file that the PBX includes; else it was typed in.
    ``readable`` is False where the key of the data folder is not the one that the secret was sealed with."""

    pbx: str
    endpoint: str
    extension: str
    login: str
    ours: bool
    changed_at: float
    readable: bool = True


class Account(msgspec.Struct, frozen=True):
    """What a softphone registers with. ``secret`` is for the browser's memory alone."""

    pbx: str
    endpoint: str
    extension: str
    login: str
    secret: str
    ours: bool


class Heard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a call was heard over ``seconds``: median round trip and jitter in milliseconds, lost packets in per cent."""

    call: Annotated[str, Meta(min_length=1, max_length=290)]
    seconds: Annotated[float, Meta(ge=0, le=1e6)]
    jitter: Annotated[float, Meta(ge=0, le=1e5)]
    loss: Annotated[float, Meta(ge=0, le=100)]
    round_trip: Annotated[float, Meta(ge=0, le=1e5)] | None = None


class Quality(msgspec.Struct, frozen=True):
    """``Heard``, by whom, and the mean opinion score that it comes to (1 to 4.5)."""

    user: str
    heard: Heard
    mos: float
