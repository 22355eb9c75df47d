"""An import, what became of each of its rows, and the mappings that were used before; and the tables of these.

Neighbours: ``store`` has the SQL. Times are UTC epoch seconds.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import sqlalchemy as sa
from msgspec import Meta

from crm_core.contacts.model import PartyKind
from crm_core.exchange.convert import Fault, OnFault
from crm_core.exchange.frames import Looked
from crm_core.exchange.keys import MATCH_BY, MatchBy
from crm_core.exchange.profile import Profile

State = Literal[
    "uploaded", "checking", "checked", "running", "paused", "done", "cancelled", "failed", "reverting", "reverted"
]
"""``uploaded``: to be mapped. ``checking``: the dry run. ``checked``: its profile is there. ``paused`` and
``cancelled``: by somebody; ``failed``: by the file. What was written by then stays, and can be reverted."""
AT_WORK: tuple[State, ...] = ("checking", "running", "reverting")
OnMatch = Literal["skip", "fill", "overwrite", "create"]
"""What becomes of a row whose contact is there already: left as it is; what is empty is filled and what it lacks is
added; what the file says replaces; another contact is made."""
Outcome = Literal["created", "updated", "skipped", "faulty", "noted", "reverted", "kept"]
"""Of a row. ``faulty``: set aside. ``noted``: a note was written, ``party`` is its id. ``reverted``: taken back;
``kept``: not, since the contact was changed later."""

Tag = Annotated[str, Meta(max_length=200)]


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an import is to be done. ``kind``: of rows that do not say it. ``area_code``: of numbers without one.
    ``tags`` and ``source`` are given to each contact. ``on_fault``: a row with a cell that cannot be used is set aside,
    to be mended, or imported without that cell."""

    kind: PartyKind = "person"
    on_match: OnMatch = "skip"
    match_by: tuple[MatchBy, ...] = MATCH_BY
    on_fault: OnFault = "set_aside"
    area_code: Annotated[str, Meta(max_length=8, pattern="^[0-9]*$")] = ""
    tags: Annotated[tuple[Tag, ...], Meta(max_length=20)] = ()
    source: Annotated[str, Meta(max_length=200)] = ""


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """``file``: its name in the folder of imports, never the one it came with, which is ``name`` and only shown; empty
    when it was removed (see ``clearing``).
    ``position``: the last row that is dealt with. ``total``: rows that hold something, once they are counted.
    While it is reverted, the next row to take back. ``kept``: of a reverted one, contacts that were changed since and
    therefore left."""

    id: str
    state: State
    name: str
    size: int
    digest: str
    file: str
    actor: str
    actor_name: str
    origin: str
    created_at: float
    changed_at: float
    looked: Looked | None = None
    mapping: tuple[str, ...] = ()
    remembered: bool = False
    policy: Policy = Policy()
    profile: Profile | None = None
    position: int = 0
    total: int | None = None
    created: int = 0
    updated: int = 0
    skipped: int = 0
    faulty: int = 0
    reverted: int = 0
    kept: int = 0
    fault: Fault | None = None
    started_at: float | None = None
    finished_at: float | None = None

    @property
    def dealt(self) -> int:
        """Rows that something became of."""
        return self.created + self.updated + self.skipped + self.faulty

    @property
    def mapped(self) -> bool:
        """True if rows can be given a name by its mapping."""
        return any(target in ("name", "first_name", "last_name", "company_name") for target in self.mapping)


class ImportRow(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What became of a row. ``part`` 0: its own contact; 1: a company that was made along with it; 2: its note.
    ``version``: of the contact as the import left it. ``before``: JSON of the contact as it was."""

    row: int
    part: int
    outcome: Outcome
    party: str | None = None
    version: int | None = None
    before: str | None = None
    faults: tuple[Fault, ...] = ()
    cells: tuple[str, ...] = ()


metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

contact_import = sa.Table(
    "contact_import",
    metadata,
    sa.Column("id", _key, primary_key=True),
    sa.Column("state", _text, nullable=False),
    sa.Column("name", _text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("digest", _text, nullable=False),
    sa.Column("file", _text, nullable=False),
    sa.Column("actor", _text, nullable=False),
    sa.Column("actor_name", _text, nullable=False),
    sa.Column("origin", _text, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("changed_at", sa.Double, nullable=False),
    sa.Column("looked", _text),
    sa.Column("mapping", _text, nullable=False),
    sa.Column("remembered", sa.Boolean, nullable=False),
    sa.Column("policy", _text, nullable=False),
    sa.Column("profile", _text),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer),
    sa.Column("created", sa.Integer, nullable=False),
    sa.Column("updated", sa.Integer, nullable=False),
    sa.Column("skipped", sa.Integer, nullable=False),
    sa.Column("faulty", sa.Integer, nullable=False),
    sa.Column("reverted", sa.Integer, nullable=False),
    sa.Column("kept", sa.Integer, nullable=False),
    sa.Column("fault", _text),
    sa.Column("started_at", sa.Double),
    sa.Column("finished_at", sa.Double),
    # Who is at work on it, and when he last said so: after a kill somebody else goes on.
    sa.Column("runner", _text, nullable=False),
    sa.Column("beat", sa.Double, nullable=False),
    sa.Index("contact_import_state", "state"),
)

contact_import_row = sa.Table(
    "contact_import_row",
    metadata,
    sa.Column("import_id", _key, primary_key=True),
    sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("outcome", _text, nullable=False),
    sa.Column("party", _key),
    sa.Column("version", sa.Integer),
    sa.Column("before", _text),
    sa.Column("faults", _text),
    sa.Column("cells", _text),
    sa.Index("contact_import_row_party", "party", "import_id"),
    sqlite_with_rowid=False,
)

contact_import_mapping = sa.Table(
    "contact_import_mapping",
    metadata,
    sa.Column("fingerprint", _key, primary_key=True),
    sa.Column("mapping", _text, nullable=False),
    sa.Column("policy", _text, nullable=False),
    sa.Column("used_at", sa.Double, nullable=False),
)
