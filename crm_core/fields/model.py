"""What a custom field is, and the table of them.

Neighbours: ``types`` knows what each type takes and how it is kept, ``service`` defines fields.
"""

from __future__ import annotations

from typing import Literal

import msgspec
import sqlalchemy as sa

FieldType = Literal["text", "area", "integer", "decimal", "money", "date", "yesno", "choice", "choices", "link"]
OwnerKind = Literal["person", "company"]

OWNERS: tuple[OwnerKind, ...] = ("person", "company")

metadata = sa.MetaData()

field = sa.Table(
    "field",
    metadata,
    sa.Column("id", sa.Text(), primary_key=True),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("name", sa.Text(), nullable=False),
    sa.Column("definition", sa.Text(), nullable=False),
    sa.Column("position", sa.Integer(), nullable=False),
    sa.Column("version", sa.Integer(), nullable=False),
    sa.UniqueConstraint("kind", "name", name="field_name"),
)


class Choice(msgspec.Struct, frozen=True):
    """One answer of a choice. ``value`` is kept and never changes; the labels are shown."""

    value: str
    fa: str = ""
    en: str = ""

    def label(self, language: str) -> str:
        return (self.fa if language == "fa" else self.en) or self.fa or self.en or self.value


class FieldDef(msgspec.Struct, frozen=True):
    """A field of contacts (``person``) or companies. ``name`` is what files, filters and the API call it.

    One that is not ``active`` is in no form and no list; the values that it had are kept.
    """

    id: str
    kind: OwnerKind
    name: str
    type: FieldType
    fa: str = ""
    en: str = ""
    hint: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    position: int = 0
    active: bool = True
    version: int = 1

    def label(self, language: str) -> str:
        """What people call it; in the other language where this one has no word."""
        return (self.fa if language == "fa" else self.en) or self.fa or self.en or self.name

    def choice(self, value: object) -> Choice | None:
        return next((one for one in self.choices if one.value == value), None)
