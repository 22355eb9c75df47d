"""What users, roles and teams look like to whoever asks, and what may be written of them.

Neighbours: ``service`` (users), ``roles``, ``teams`` answer and take these.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

LOGIN_LENGTH = 64
NAME_LENGTH = 200
LIST_LENGTH = 100
ITEM_LENGTH = 100

Language = Literal["", "fa", "en"]
Calendar = Literal["", "jalali", "gregorian"]
Digits = Literal["", "persian", "latin"]
Theme = Literal["", "light", "dark"]
Density = Literal["", "compact", "standard", "roomy"]
Item = Annotated[str, Meta(min_length=1, max_length=ITEM_LENGTH)]
Items = Annotated[tuple[Item, ...], Meta(max_length=LIST_LENGTH)]
Name = Annotated[str, Meta(max_length=NAME_LENGTH)]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """``teams`` are ids. ``extensions``, ``devices`` and ``queues``: what he works with, in his order. Of the
    preferences an empty text is "as the site has it". ``totp``: a second step is asked for."""

    id: str
    login: str
    name: str
    role: str
    active: bool
    must_change: bool
    demo: bool
    totp: bool
    teams: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    language: Language = ""
    calendar: Calendar = ""
    digits: Digits = ""
    theme: Theme = ""
    density: Density = ""
    signed_in_at: float | None = None
    created_at: float
    created_by: str
    changed_at: float
    changed_by: str
    version: int


class UserRef(msgspec.Struct, frozen=True):
    """As much of a user as any colleague may know."""

    id: str
    login: str
    name: str
    role: str
    teams: tuple[str, ...]
    extensions: tuple[str, ...]
    active: bool


class Preferences(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user chooses for himself; UNSET stays as it is."""

    language: Language | UnsetType = UNSET
    calendar: Calendar | UnsetType = UNSET
    digits: Digits | UnsetType = UNSET
    theme: Theme | UnsetType = UNSET
    density: Density | UnsetType = UNSET


class OwnDraft(Preferences, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a user may write of himself; UNSET stays as it is."""

    name: Name | UnsetType = UNSET


class UserDraft(Preferences, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be written of a user; UNSET stays as it is."""

    login: Annotated[str, Meta(max_length=LOGIN_LENGTH)] | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    role: Item | UnsetType = UNSET
    teams: Items | UnsetType = UNSET
    extensions: Items | UnsetType = UNSET
    devices: Items | UnsetType = UNSET
    queues: Items | UnsetType = UNSET


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """``whole``: it has every permission that there is, also those that later versions bring."""

    id: str
    title: str
    permissions: tuple[str, ...]
    whole: bool
    users: int = 0
    version: int = 1


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """``users``: the ids of who is in it."""

    id: str
    name: str
    users: tuple[str, ...] = ()
    version: int = 1
