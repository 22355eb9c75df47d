"""What somebody types while he talks: saved as it is typed, one row for each user and call.

A page sends its whole text again and again. Each save says on which ``version`` it builds, which page wrote it and
which of that page's saves it is; so what arrives late or twice changes nothing, and an older tab cannot write over
newer text. Everybody in the call reads what the others typed; with a transfer it is there for the next.

Neighbours: ``part`` says who may, ``service`` tells the timeline.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from crm_core.results.model import CallNote, call_note
from cti.kernel.actor import Actor
from cti.kernel.db import Reader, Transaction
from cti.kernel.errors import N_, ConflictError, InvalidError
from cti.live.masking import mask_in

LONGEST_TEXT = 10_000
LONGEST_WRITER = 64
_ORDER = "call, user_id, user_name, text, version, began_at, saved_at"
_WRITE = (
    " ON CONFLICT (call, user_id) DO UPDATE SET user_name = excluded.user_name, text = excluded.text,"
    " version = excluded.version, writer = excluded.writer, number = excluded.number, saved_at = excluded.saved_at"
)


class NoteDraft(msgspec.Struct, frozen=True, kw_only=True):
    """``version``: the one that this text builds on; None: whatever is there. ``writer`` and ``number``: which page
    sends it, and which of its saves it is."""

    text: str
    version: int | None = None
    writer: str = ""
    number: int = 0


async def write(tx: Transaction, actor: Actor, call: str, draft: NoteDraft, now: float) -> tuple[CallNote, bool]:
    """The note as it stands then, and whether that is news. ConflictError: another page has written since the version
    that this text builds on. InvalidError: too long."""
    text = checked(draft.text)
    row = await tx.one(f"SELECT {_ORDER}, writer, number FROM call_note WHERE call = ? AND user_id = ?", call, actor.id)
    before = None if row is None else CallNote(*row[:7])
    if before is None:
        if not text:
            return CallNote(call, actor.id, actor.name, "", 0, now, now), False
        before = CallNote(call, actor.id, actor.name, "", 0, now, now)
    elif draft.writer and row is not None and draft.writer == row[7]:
        if draft.number <= row[8]:
            return before, False
    elif draft.version not in (None, before.version) and text != before.text:
        raise ConflictError(N_("You have written more about this call in another window."))
    after = msgspec.structs.replace(before, user_name=actor.name, text=text, version=before.version + 1, saved_at=now)
    await _put(tx, after, draft.writer[:LONGEST_WRITER], draft.number)
    return after, text != before.text


async def _put(tx: Transaction, one: CallNote, writer: str, number: int) -> None:
    row = (one.call, one.user, one.user_name, one.text, one.version, writer, number, one.began_at, one.saved_at)
    await tx.insert(call_note, [row], end=_WRITE)


async def of_calls(reader: Reader, calls: Sequence[str]) -> list[CallNote]:
    """The notes of these calls, in the order in which they were begun; without those that were emptied."""
    rows = await reader.fetch_in(f"SELECT {_ORDER} FROM call_note WHERE call IN (?)", calls)
    return sorted((CallNote(*row) for row in rows if row[3].strip()), key=lambda one: (one.began_at, one.user))


async def follow(tx: Transaction, gone: str, into: str) -> None:
    """A call became part of another: its notes are that one's. What somebody wrote about both is joined."""
    there = {row[1]: CallNote(*row) for row in await tx.fetch(f"SELECT {_ORDER} FROM call_note WHERE call = ?", into)}
    for row in await tx.fetch(f"SELECT {_ORDER} FROM call_note WHERE call = ?", gone):
        moved, other = CallNote(*row), there.get(row[1])
        if other is not None:
            moved = _joined(moved, other)
        await _put(tx, msgspec.structs.replace(moved, call=into), "", 0)
    await tx.execute("DELETE FROM call_note WHERE call = ?", gone)


def _joined(one: CallNote, other: CallNote) -> CallNote:
    """Both texts, unless one holds the other."""
    first, last = sorted((one, other), key=lambda note: note.began_at)
    parts = [first.text, last.text]
    if parts[0] in parts[1] or parts[1] in parts[0]:
        parts = [max(parts, key=len)]
    return msgspec.structs.replace(
        first,
        text="\n".join(parts)[:LONGEST_TEXT],
        version=max(one.version, other.version) + 1,
        saved_at=max(one.saved_at, other.saved_at),
    )


def seen(one: CallNote, actor: Actor) -> CallNote:
    """As the actor may see it: numbers in what others wrote are masked for who may not see them."""
    if one.user == actor.id:
        return msgspec.structs.replace(one, mine=True)
    if actor.may("numbers.view"):
        return one
    return msgspec.structs.replace(one, text=mask_in(one.text))


def checked(text: str) -> str:
    """The text as it is kept. InvalidError if it is too long."""
    kept = text.replace("\0", "").replace("\r\n", "\n")
    if len(kept) > LONGEST_TEXT:
        raise InvalidError(
            N_("A note has at most %(most)s characters; this one has %(count)s."),
            most=LONGEST_TEXT, count=len(kept), at="text",
        )  # fmt: skip
    return kept
