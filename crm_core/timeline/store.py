"""What is written to the timeline: whole entries, each once, however often it is told.

Neighbours: ``service`` is who asks, ``calls`` writes many at once; ``walk`` reads.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crm_core.timeline import model
from crm_core.timeline.events import TimelineChanged
from crm_core.timeline.model import Entry, found_under
from cti.kernel.db import Reader, Transaction

_encode = msgspec.json.Encoder().encode
_subjects = msgspec.json.Decoder(tuple[str, ...]).decode
_COLUMNS = tuple(model.entry.columns.keys())[:-1]
_OR_UPDATE = f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{c} = excluded.{c}' for c in _COLUMNS[3:])}"


class Known(msgspec.Struct, frozen=True):
    """What is there of an entry."""

    at: float
    facts: str
    subjects: tuple[str, ...]
    attached: str | None

    @property
    def found_under(self) -> tuple[str, ...]:
        return found_under(self.subjects, self.attached)


async def put(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Write these; the last of several with one id stands. Told after the commit, unless nothing is news."""
    newest = {entry.id: entry for entry in entries}
    before = await known(tx, list(newest))
    fresh = [e for e in newest.values() if _is_news(e, before.get(e.id))]
    if not fresh:
        return
    await tx.insert(model.entry, [_row(e) for e in fresh], len(_COLUMNS), _OR_UPDATE)
    moved = [e for e in fresh if e.id in before and (before[e.id].at, before[e.id].subjects) != (e.at, e.subjects)]
    await _lift(tx, [e.id for e in moved])
    attached = {i: k.attached for i, k in before.items()}
    await _lay(tx, [e for e in fresh if e.id not in before or e in moved], attached)
    gone = (s for e in moved for s in before[e.id].found_under)
    now = (s for e in fresh for s in found_under(e.subjects, attached.get(e.id)))
    tell(tx, [*gone, *now], max(e.at for e in fresh))


async def drop(tx: Transaction, ids: Sequence[str]) -> None:
    """Take these out; what is not there is no error."""
    before = await known(tx, ids)
    if not before:
        return
    await _lift(tx, list(before))
    await tx.execute_in("DELETE FROM entry WHERE id IN (?)", list(before))
    tell(tx, [s for k in before.values() for s in k.found_under], max(k.at for k in before.values()))


async def forget(tx: Transaction, parties: Sequence[str]) -> None:
    """These parties are no more: what happened with them alone goes, what was merely shown with them (calls) stays
    under its number."""
    subjects = [model.of_party(party) for party in parties]
    rows = await tx.fetch_in("SELECT DISTINCT entry FROM entry_subject WHERE subject IN (?)", subjects)
    before = await known(tx, [str(row[0]) for row in rows])
    own = [id_ for id_, one in before.items() if not set(subjects).isdisjoint(one.subjects)]
    await drop(tx, own)
    for id_ in before.keys() - set(own):
        await attach(tx, id_, None)
    for party in parties:  # that it was merged into somebody, said in his stream by its name
        for what in ("merged", "unmerged"):
            first = model.entry_id("system", f"{what}:{party}:")
            told = await tx.fetch("SELECT id FROM entry WHERE id >= ? AND id < ?", first, first[:-1] + ";")
            await drop(tx, [str(row[0]) for row in told])


async def attach(tx: Transaction, id_: str, party_id: str | None) -> bool:
    """Show an entry, and what is about it, with this person alone, or (None) with everybody who has its number; False
    if there is none."""
    before = (await known(tx, [id_])).get(id_)
    if before is None:
        return False
    await _attach(tx, id_, before, party_id)
    kind, _, source = id_.partition(":")
    if kind == "call":
        rows = await tx.fetch("SELECT entry FROM entry_subject WHERE subject = ?", model.of_call(source))
        for about, one in (await known(tx, [row[0] for row in rows])).items():
            await _attach(tx, about, one, party_id)
    return True


async def _attach(tx: Transaction, id_: str, before: Known, party_id: str | None) -> None:
    if any(subject.startswith("p:") for subject in before.subjects):
        return  # somebody said with whom it is to be shown
    await tx.execute("UPDATE entry SET attached = ? WHERE id = ?", party_id, id_)
    await tx.execute("DELETE FROM entry_subject WHERE entry = ?", id_)
    kind = id_.partition(":")[0]
    after = found_under(before.subjects, party_id)
    await tx.insert(model.entry_subject, [(subject, before.at, id_, kind) for subject in after])
    tell(tx, [*before.found_under, *after], before.at)


async def subjects_of_call(reader: Reader, call_id: str) -> tuple[tuple[str, ...], str | None]:
    """Under what a call is found and to whom it is attached: so is what is about it."""
    id_ = model.entry_id("call", call_id)
    entry = (await known(reader, [id_])).get(id_)
    return ((), None) if entry is None else (entry.subjects, entry.attached)


async def known(reader: Reader, ids: Sequence[str]) -> dict[str, Known]:
    """What is there of these entries."""
    rows = await reader.fetch_in("SELECT id, at, facts, subjects, attached FROM entry WHERE id IN (?)", ids)
    return {row[0]: Known(row[1], row[2], _subjects(row[3]), row[4]) for row in rows}


def tell(tx: Transaction, subjects: Sequence[str], at: float) -> None:
    """Tell whoever watches one of these."""
    parties = dict.fromkeys(s[2:] for s in subjects if s.startswith("p:"))
    keys = dict.fromkeys(s[2:] for s in subjects if s.startswith(("n:", "a:")))
    calls = dict.fromkeys(s[2:] for s in subjects if s.startswith("c:"))
    tx.publish(TimelineChanged(tuple(parties), tuple(keys), tuple(calls), at))


def _is_news(entry: Entry, before: Known | None) -> bool:
    if before is None:
        return bool(entry.subjects)
    return (before.at, before.facts, before.subjects) != (entry.at, _text(entry.facts), entry.subjects)


def _text(facts: msgspec.Struct) -> str:
    return _encode(facts).decode()


def _row(e: Entry) -> tuple[object, ...]:
    return (e.id, e.kind, e.source, e.at, e.author, _text(e.facts), _encode(e.subjects).decode())


async def _lift(tx: Transaction, ids: Sequence[str]) -> None:
    if ids:
        await tx.execute_in("DELETE FROM entry_subject WHERE entry IN (?)", ids)


async def _lay(tx: Transaction, entries: Sequence[Entry], attached: dict[str, str | None]) -> None:
    rows = [(s, e.at, e.id, e.kind) for e in entries for s in found_under(e.subjects, attached.get(e.id))]
    await tx.insert(model.entry_subject, rows)
