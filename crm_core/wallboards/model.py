"""The table of wallboards, and what one is. Neighbours: ``service`` keeps them, ``screenpop.walls`` fills them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Meta

metadata = sa.MetaData()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

wallboard = sa.Table(
    "wallboard",
    metadata,
    sa.Column("id", _key, primary_key=True),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("secret_hash", _key, nullable=True, unique=True),
    sa.Column("made_at", sa.Double(), nullable=False),
    sa.Column("issued_at", sa.Double(), nullable=True),
)

Kind = Literal["queues", "agents", "day"]
Language = Literal["fa", "en"]
Theme = Literal["dark", "light"]
KINDS: tuple[Kind, ...] = ("queues", "agents", "day")
LANGUAGES: tuple[Language, ...] = ("fa", "en")
THEMES: tuple[Theme, ...] = ("dark", "light")
MOST_BOARDS = 200
MOST_QUEUES = 50

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Queue = Annotated[str, Meta(min_length=1, max_length=100)]
WaitSeconds = Annotated[int, Meta(ge=0, le=7200)]
Percent = Annotated[int, Meta(ge=0, le=100)]


class Shown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a board shows. ``queues``: by name, in this order; none: all. ``nameless``: nobody is named on it.
    ``wait_warn``, ``wait_bad``, ``target``: when a wait is long (seconds) and how many are to be answered in time
    (percent); None: as the rules of figures say."""

    name: Name
    kind: Kind = "queues"
    queues: Annotated[tuple[Queue, ...], Meta(max_length=MOST_QUEUES)] = ()
    nameless: bool = False
    language: Language = "fa"
    theme: Theme = "dark"
    wait_warn: WaitSeconds | None = None
    wait_bad: WaitSeconds | None = None
    target: Percent | None = None


class Wallboard(msgspec.Struct, frozen=True, kw_only=True):
    """``issued_at``: when its link was made (epoch seconds); None: no link opens it."""

    id: str
    shown: Shown
    made_at: float
    issued_at: float | None


class Issued(msgspec.Struct, frozen=True):
    """``secret`` is told this once; what is kept does not give it back."""

    board: Wallboard
    secret: str


class Viewer(msgspec.Struct, frozen=True):
    """Who looks at a board by its link: he may watch that one (its id) and nothing else."""

    board: str
