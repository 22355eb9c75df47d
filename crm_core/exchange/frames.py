"""What goes between the product and the process that reads a file for it.

Neighbours: ``worker`` is that process, ``process`` starts it and listens.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from crm_core.exchange.convert import Plan, Prepared
from crm_core.exchange.profile import Profile
from crm_core.exchange.rows import Choices, Format, Limits, Row
from crm_core.fields.model import FieldDef

LENGTH = 4
"""Bytes before each frame that say how long it is, the most significant first."""


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done. ``look``: what the file is; ``read``: its rows after row ``after``, made parties by
    ``plan``; ``profile``: the same, counted too."""

    task: Literal["look", "read", "profile"]
    path: str
    choices: Choices
    limits: Limits
    plan: Plan | None = None
    fields: tuple[FieldDef, ...] = ()
    after: int = 0
    batch: int = 1000


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """``choices``: how the file is read, guessed or told. ``samples``: its first rows. ``mapping``: proposed."""

    format: Format
    choices: Choices
    headers: tuple[str, ...]
    sheets: tuple[str, ...]
    samples: tuple[Row, ...]
    mapping: tuple[str, ...]
    damaged: bool = False


class Batch(msgspec.Struct, frozen=True, gc=False, tag="batch"):
    """Rows in order. ``last``: the number of the last row that is dealt with by them."""

    rows: tuple[Prepared, ...]
    last: int


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    rows: int
    profile: Profile | None = None


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The file cannot be read, or no further; ``text`` is translated, ``values`` fill its places."""

    text: str
    values: dict[str, str | int] = {}


Frame = Looked | Batch | Ended | Failed

encode = msgspec.msgpack.Encoder().encode
decode_frame = msgspec.msgpack.Decoder(Frame).decode
decode_order = msgspec.msgpack.Decoder(Order).decode
