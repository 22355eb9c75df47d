"""What becomes of each row of a batch: made, laid over a contact that is there, left, or set aside. Pure.

A contact that an earlier row of the same batch makes is there already for the later ones.

Neighbours: ``matching`` knows who is there, ``merging`` lays over, ``running`` writes what was decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from crm_core.contacts.model import Party
from crm_core.contacts.store import Ready
from crm_core.exchange.convert import Prepared
from crm_core.exchange.keys import keys_of
from crm_core.exchange.matching import same
from crm_core.exchange.merging import laid_over
from crm_core.exchange.model import ImportRow, Outcome, Policy
from cti.kernel.ids import new_id

_encode = msgspec.json.Encoder().encode


@dataclass
class Decided:
    """``new`` contacts by id, in order, and what of them is ``ready``; ``changed``: id -> (before, after); ``rows`` to
    be kept of the import; ``notes``: (row, contact, text); ``counts`` of outcomes."""

    new: dict[str, Party] = field(default_factory=dict)
    ready: dict[str, Ready] = field(default_factory=dict)
    changed: dict[str, tuple[Party, Party]] = field(default_factory=dict)
    rows: list[ImportRow] = field(default_factory=list)
    notes: list[tuple[int, str, str]] = field(default_factory=list)
    counts: dict[Outcome, int] = field(default_factory=dict)


class Decider:
    """``known``: key -> the contact that has it. ``actor``: the id of whoever imports. ``now``: epoch seconds."""

    def __init__(self, policy: Policy, known: dict[str, Party], actor: str, now: float) -> None:
        self._policy, self._known, self._actor, self._now = policy, known, actor, now
        self._made = Decided()

    def decide(self, rows: Sequence[Prepared]) -> Decided:
        for row in rows:
            made = self._row(row)
            self._made.rows.append(made)
            self._made.counts[made.outcome] = self._made.counts.get(made.outcome, 0) + 1
            if row.note and made.party is not None and made.outcome in ("created", "updated"):
                self._made.notes.append((row.row, made.party, row.note))
        return self._made

    def _row(self, row: Prepared) -> ImportRow:
        if row.party is None:
            return ImportRow(row.row, 0, "faulty", faults=row.faults, cells=row.cells)
        found = None if self._policy.on_match == "create" else same(row.keys, self._known)
        if found is None:
            return self._create(row, row.party)
        if self._policy.on_match == "skip":
            return ImportRow(row.row, 0, "skipped", found.id, faults=row.faults, cells=row.cells)
        return self._update(row, row.party, found)

    def _create(self, row: Prepared, party: Party) -> ImportRow:
        made = msgspec.structs.replace(
            party,
            id=new_id(self._now),
            source_at=self._now if party.source else None,
            created_at=self._now,
            created_by=self._actor,
            changed_at=self._now,
            changed_by=self._actor,
        )
        self._made.new[made.id] = made
        if row.ready is not None:
            self._made.ready[made.id] = row.ready
        self._learn(made, row.keys)
        return ImportRow(row.row, 0, "created", made.id, made.version, faults=row.faults, cells=row.cells)

    def _update(self, row: Prepared, party: Party, found: Party) -> ImportRow:
        id_, overwrite = found.id, self._policy.on_match == "overwrite"
        pending = self._made.new.get(id_)
        before, current = self._made.changed.get(id_, (found, pending or found))
        after = laid_over(current, party, overwrite=overwrite)
        if after == current:
            outcome: Outcome = "updated" if row.note else "skipped"
            return ImportRow(row.row, 0, outcome, id_, current.version, faults=row.faults, cells=row.cells)
        self._learn(after, keys_of(after, self._policy.match_by))
        if pending is not None:
            self._made.new[id_] = after
            self._made.ready.pop(id_, None)
            return ImportRow(row.row, 0, "updated", id_, after.version, faults=row.faults, cells=row.cells)
        first = id_ not in self._made.changed
        after = msgspec.structs.replace(after, version=before.version + 1, changed_at=self._now, changed_by=self._actor)
        self._made.changed[id_] = before, after
        image = _encode(before).decode() if first else None
        return ImportRow(row.row, 0, "updated", id_, after.version, image, row.faults, row.cells)

    def _learn(self, party: Party, keys: Sequence[str]) -> None:
        if self._policy.on_match != "create":
            for key in keys:
                self._known.setdefault(key, party)
