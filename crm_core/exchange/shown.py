"""An import as programs see it. Pure. Neighbours: ``model`` has what is kept, ``web.api.imports`` answers this."""

from __future__ import annotations

import msgspec

from crm_core.exchange.convert import Fault
from crm_core.exchange.model import Import, Policy, State
from crm_core.exchange.profile import Profile
from crm_core.exchange.rows import Choices, Format


class ImportColumn(msgspec.Struct, frozen=True):
    """A column of the file and where it goes; ``target`` empty: left out."""

    header: str
    target: str


class ContactImport(msgspec.Struct, frozen=True, kw_only=True):
    """``state``: uploaded → checking → checked → running → done; paused, cancelled and failed ones keep what is written
    and can go on or be taken back (reverting → reverted). ``position``: the last row that is dealt with. ``total``:
    rows in the file, once they are counted. ``faulty``: rows that were set aside; ``GET …/errors`` gives them.
    ``kept``: contacts that were not taken back, since they were changed later. ``profile``: what the dry run found."""

    id: str
    state: State
    name: str
    size: int
    format: Format
    columns: tuple[ImportColumn, ...]
    reading: Choices
    policy: Policy
    profile: Profile | None
    position: int
    total: int | None
    created: int
    updated: int
    skipped: int
    faulty: int
    reverted: int
    kept: int
    problem: str | None
    actor: str
    actor_name: str
    created_at: float
    changed_at: float
    started_at: float | None
    finished_at: float | None


_OWN = ("format", "columns", "reading", "problem")


def shown(one: Import) -> ContactImport:
    looked = one.looked
    headers = looked.headers if looked is not None else ()
    plain = {name: getattr(one, name) for name in ContactImport.__struct_fields__ if name not in _OWN}
    return ContactImport(
        format=looked.format if looked is not None else "csv",
        columns=tuple(ImportColumn(*pair) for pair in zip(headers, one.mapping, strict=False)),
        reading=looked.choices if looked is not None else Choices(),
        problem=None if one.fault is None else sentence(one.fault),
        **plain,
    )


def sentence(fault: Fault) -> str:
    """In English."""
    return fault.text % fault.values if fault.values else fault.text
