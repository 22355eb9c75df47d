"""A party: a person or a company that we have to do with; its tables, and what may be written of it.

What has several values (numbers, mails, tags, …) is kept whole, as JSON text, in ``party.parts``: what goes in comes
out, and a page of parties is one query. The other tables are there to find parties by, and hold rows of those alone
that are neither deleted nor merged into another; ``store`` writes them again with their party.

Neighbours: ``draft`` cleans what is written, ``store`` has the SQL, ``lookup`` and ``index`` find by number and text.
Times are UTC epoch seconds.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import sqlalchemy as sa
from msgspec import UNSET, Meta, UnsetType

PartyKind = Literal["person", "company"]
"""A natural or a legal person. Pages and API call persons contacts."""

NUMBER_KINDS = ("mobile", "work", "home", "fax", "other")
MAIL_KINDS = ("work", "home", "other")
ADDRESS_KINDS = ("work", "home", "billing", "shipping", "other")
LINK_KINDS = (
    "website", "telegram", "whatsapp", "instagram", "linkedin", "x", "facebook", "eitaa", "bale", "rubika", "other",
)  # fmt: skip
ROLES = ("customer", "partner", "supplier", "donor")
"""Relations that are offered; others may be written."""
TIERS = ("vip", "gold", "silver", "bronze")
"""Tiers that are offered; others may be written. Empty: none."""

Short = Annotated[str, Meta(max_length=40)]
Line = Annotated[str, Meta(max_length=200)]
LONGEST_URL, LONGEST_TEXT = 500, 1000
Id = Annotated[str, Meta(max_length=64)]


class PartyNumber(msgspec.Struct, frozen=True, gc=False):
    """``raw`` as it was written, ``e164`` and ``key`` as it is compared (``cti.live.numbers.match_key``)."""

    raw: str
    kind: str = "other"
    e164: str | None = None
    key: str | None = None
    extension: str = ""
    label: str = ""


class PartyMail(msgspec.Struct, frozen=True, gc=False):
    address: Line
    kind: Short = "other"


class PartyAddress(msgspec.Struct, frozen=True, gc=False):
    text: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""
    kind: Short = "other"
    city: Line = ""
    province: Line = ""
    postal_code: Short = ""
    country: Short = ""


class PartyLink(msgspec.Struct, frozen=True, gc=False):
    """A web site or a social account: an address or a name there."""

    value: Annotated[str, Meta(max_length=LONGEST_URL)]
    kind: Short = "other"


class Parts(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What ``party.parts`` keeps."""

    numbers: tuple[PartyNumber, ...] = ()
    mails: tuple[PartyMail, ...] = ()
    addresses: tuple[PartyAddress, ...] = ()
    links: tuple[PartyLink, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, Any] = {}


class Party(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """A person or a company. ``name`` is what is shown. ``company_*``: where a person works. ``owner`` and ``team``:
    ids of who looks after it. ``source`` and ``source_at``: of the first touch. ``birth_date``: ``YYYY-MM-DD``,
    Gregorian. ``fields``: the custom ones, by name. ``version`` grows by one with each change. ``deleted_at``: in the
    trash since. ``merged_into``: the id of the party that this one has become part of."""

    id: str
    kind: PartyKind
    name: str
    first_name: str = ""
    last_name: str = ""
    honorific: str = ""
    company_id: str | None = None
    company_name: str = ""
    position: str = ""
    tier: str = ""
    owner: str | None = None
    team: str | None = None
    source: str = ""
    source_at: float | None = None
    do_not_call: bool = False
    do_not_sms: bool = False
    language: str = ""
    birth_date: str = ""
    national_id: str = ""
    economic_code: str = ""
    numbers: tuple[PartyNumber, ...] = ()
    mails: tuple[PartyMail, ...] = ()
    addresses: tuple[PartyAddress, ...] = ()
    links: tuple[PartyLink, ...] = ()
    roles: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fields: dict[str, Any] = {}
    created_at: float = 0.0
    created_by: str = ""
    changed_at: float = 0.0
    changed_by: str = ""
    version: int = 1
    deleted_at: float | None = None
    merged_into: str | None = None

    @property
    def vip(self) -> bool:
        return self.tier == "vip"

    @property
    def live(self) -> bool:
        """Neither in the trash nor merged into another."""
        return self.deleted_at is None and self.merged_into is None


class DraftNumber(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A number as somebody wrote it. ``kind`` empty: told from the number."""

    raw: Annotated[str, Meta(max_length=64)]
    kind: Short = ""
    extension: Short = ""
    label: Line = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be written; what is left UNSET stays as it is (in a new party: empty).

    ``name`` of a person may be left out where ``first_name`` or ``last_name`` are given; where it alone is given, those
    are emptied. ``company_name`` without ``company_id`` names a company, which is made if there is none of that name;
    an empty one takes the person out of his company. ``tier`` ``vip`` is the one with a star.
    """

    name: Line | UnsetType = UNSET
    first_name: Line | UnsetType = UNSET
    last_name: Line | UnsetType = UNSET
    honorific: Short | UnsetType = UNSET
    company_id: Id | UnsetType | None = UNSET
    company_name: Line | UnsetType = UNSET
    position: Line | UnsetType = UNSET
    tier: Short | UnsetType = UNSET
    owner: Id | UnsetType | None = UNSET
    team: Id | UnsetType | None = UNSET
    source: Line | UnsetType = UNSET
    source_at: Annotated[float, Meta(ge=0, le=32503680000)] | UnsetType | None = UNSET
    do_not_call: bool | UnsetType = UNSET
    do_not_sms: bool | UnsetType = UNSET
    language: Short | UnsetType = UNSET
    birth_date: Short | UnsetType = UNSET
    national_id: Short | UnsetType = UNSET
    economic_code: Short | UnsetType = UNSET
    numbers: Annotated[tuple[DraftNumber, ...], Meta(max_length=50)] | UnsetType = UNSET
    mails: Annotated[tuple[PartyMail, ...], Meta(max_length=50)] | UnsetType = UNSET
    addresses: Annotated[tuple[PartyAddress, ...], Meta(max_length=50)] | UnsetType = UNSET
    links: Annotated[tuple[PartyLink, ...], Meta(max_length=50)] | UnsetType = UNSET
    roles: Annotated[tuple[Short, ...], Meta(max_length=50)] | UnsetType = UNSET
    tags: Annotated[tuple[Line, ...], Meta(max_length=100)] | UnsetType = UNSET
    fields: dict[str, Any] | UnsetType = UNSET


Order = Literal["name", "changed", "created"]


class PartyFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which parties; what is left None does not narrow, and all that is given narrows together.

    ``text``: begin of words of the name, company, a number in any form, a mail. ``owner`` and ``team``: ids; an empty
    text asks for those of nobody. ``changed_*``, ``created_*``: the first inclusive, the second exclusive.
    ``fields``: (name, op, value) with op of ``= < <= > >= has`` (``has``: any value). ``deleted``: the trash instead.
    """

    kind: PartyKind | None = None
    text: str | None = None
    tag: str | None = None
    role: str | None = None
    tier: str | None = None
    owner: str | None = None
    team: str | None = None
    source: str | None = None
    company: str | None = None
    do_not_call: bool | None = None
    has_number: bool | None = None
    created_from: float | None = None
    created_to: float | None = None
    changed_from: float | None = None
    changed_to: float | None = None
    fields: tuple[tuple[str, str, Any], ...] = ()
    deleted: bool = False
    order: Order = "name"


metadata = sa.MetaData()
_text = sa.Text()
_key = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""What is compared letter by letter, whatever the database's language is."""
_seconds: sa.Double[float] = sa.Double()
_live = sa.text("deleted_at IS NULL AND merged_into IS NULL")


def _walk(name: str, *columns: str, only: str = "") -> sa.Index:
    """An index of the parties that are neither deleted nor merged, in an order in which lists are walked."""
    where = sa.text(f"{only} AND {_live}") if only else _live
    return sa.Index(name, *columns, "id", postgresql_where=where, sqlite_where=where)


party = sa.Table(
    "party",
    metadata,
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
    # The name as it is ordered by (the Persian alphabet), and as equal names are found by (spelling folded away).
    sa.Column("sort_key", _key, nullable=False),
    sa.Column("name_key", _key, nullable=False),
    _walk("party_by_name", "sort_key"),
    _walk("party_by_kind", "kind", "sort_key"),
    _walk("party_by_change", "changed_at"),
    _walk("party_by_age", "created_at"),
    _walk("party_of_owner", "owner", "sort_key"),
    _walk("party_of_company", "company_id", "sort_key"),
    _walk("party_of_tier", "tier", "sort_key", only="tier <> ''"),
    _walk("party_of_source", "source", "sort_key", only="source <> ''"),
    _walk("party_not_called", "sort_key", only="do_not_call"),
    sa.Index("party_by_name_key", "name_key", "kind"),
    sa.Index("party_merged", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL"),
             sqlite_where=sa.text("merged_into IS NOT NULL")),
    sa.Index("party_deleted", "deleted_at", "id", postgresql_where=sa.text("deleted_at IS NOT NULL"),
             sqlite_where=sa.text("deleted_at IS NOT NULL")),
    sa.Index("party_national_id", "national_id", postgresql_where=sa.text("national_id <> ''"),
             sqlite_where=sa.text("national_id <> ''")),
)  # fmt: skip

party_number = sa.Table(
    "party_number",
    metadata,
    sa.Column("party_id", _key, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("key", _key),
    sa.Column("tail", _key),  # the last 8 digits of the key
    sa.Column("kind", _text, nullable=False),
    sa.Column("label", _text, nullable=False),
    sa.Index("party_number_key", "key"),
    sa.Index("party_number_tail", "tail"),
    sqlite_with_rowid=False,
)

party_mail = sa.Table(
    "party_mail",
    metadata,
    sa.Column("party_id", _key, primary_key=True),
    sa.Column("key", _key, primary_key=True),  # the address in small letters
    sa.Index("party_mail_key", "key"),
    sqlite_with_rowid=False,
)

party_tag = sa.Table(
    "party_tag",
    metadata,
    sa.Column("tag", _key, primary_key=True),
    sa.Column("sort_key", _key, primary_key=True),  # so that the parties of a tag are one walk in the order of names
    sa.Column("party_id", _key, primary_key=True),
    sa.Index("party_tag_party", "party_id"),
    sqlite_with_rowid=False,
)

party_role = sa.Table(
    "party_role",
    metadata,
    sa.Column("role", _key, primary_key=True),
    sa.Column("sort_key", _key, primary_key=True),
    sa.Column("party_id", _key, primary_key=True),
    sa.Index("party_role_party", "party_id"),
    sqlite_with_rowid=False,
)

party_field = sa.Table(
    "party_field",
    metadata,
    sa.Column("party_id", _key, primary_key=True),
    sa.Column("field", _key, primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),  # of a field with several values
    sa.Column("text", _key),
    sa.Column("number", sa.Double),
    sa.Index("party_field_text", "field", "text"),
    sa.Index("party_field_number", "field", "number"),
    sqlite_with_rowid=False,
)

CHILDREN = (party_number, party_mail, party_tag, party_role, party_field)
"""The tables to find parties by."""
