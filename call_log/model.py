"""The tables of the call log, and how a call record becomes rows.

The record itself is kept whole, as JSON text, in ``call.record``: what goes in comes out, to the last
bit. Every other column and table is there to find it by, or to add up. The tables that hang on a call
(``CHILDREN``) are rewritten with it.

Neighbours: ``store`` and ``search`` read and write these tables, ``migrations`` creates them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import msgspec
import phonenumbers
import sqlalchemy as sa

from call_log.handled import People
from cti.live.numbers import latin_digits
from cti.live.record import Caller, CallRecord, Leg, Number

Source = Literal["live", "truth", "repair"]
"""Who says so: the tracker, the PBX's own truth alone, or our record mended from that truth."""

PROVISIONAL, LOST, FROM_TRUTH, FINAL, REPAIRED = range(5)
"""How much a stored record is worth; one of lower standing never replaces one of higher."""

_KEY_LENGTH = 200  # PostgreSQL refuses index entries over 2.7 kB, and a hostile caller may send 8 kB
_LONGEST_NUMBER = 32

metadata = sa.MetaData()
_text = sa.Text()
_digits = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_seconds: sa.Double[float] = sa.Double()


def _of_call(name: str, *columns: sa.Column[Any] | sa.Index) -> sa.Table:
    """A table of things that belong to one call.

    No foreign key: ``store`` writes and deletes them with their call, in one transaction, and nobody else does; the
    check of each row would cost a third of what PostgreSQL can take in.
    """
    owner = sa.Column("call_id", _text, primary_key=True)
    return sa.Table(name, metadata, owner, sa.Column("started_at", _seconds, nullable=False), *columns)


call = sa.Table(
    "call",
    metadata,
    sa.Column("id", _text, primary_key=True),
    sa.Column("pbx", _text, nullable=False),
    sa.Column("kind", _text, nullable=False),
    sa.Column("direction", _text, nullable=False),
    sa.Column("outcome", _text),
    sa.Column("queue", _text),
    sa.Column("started_at", _seconds, nullable=False),
    sa.Column("ended_at", _seconds),
    sa.Column("wait_seconds", _seconds),
    sa.Column("talk_seconds", _seconds, nullable=False),
    sa.Column("hold_seconds", _seconds, nullable=False),
    sa.Column("provisional", sa.Boolean, nullable=False),
    sa.Column("standing", sa.SmallInteger, nullable=False),
    sa.Column("changed_at", _seconds, nullable=False),
    sa.Column("record", _text, nullable=False),
    # Which of the log's commits wrote it, counted up: who follows the log asks for what came after the last he saw.
    sa.Column("logged", sa.BigInteger, nullable=False, server_default="1"),
    # When the PBX's truth was last seen to hold this call too. Not part of what a record brings along.
    sa.Column("confirmed_at", _seconds),
    # The columns after the first two are there to be filtered by without a look at the (long) rows.
    sa.Index("call_newest", "started_at", "id", "kind", "direction", "talk_seconds"),
    sa.Index("call_of_pbx", "pbx", "started_at"),
    sa.Index("call_by_outcome", "outcome", "started_at", "id"),
    sa.Index("call_logged", "logged", "id"),
    sa.Index("call_unfinished", "id", postgresql_where=sa.text("provisional"), sqlite_where=sa.text("provisional")),
)

leg = _of_call(
    "leg",
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("uniqueid", _text, nullable=False),
    sa.Column("role", _text, nullable=False),
    sa.Column("endpoint", _text, nullable=False),
    sa.Column("extension", _text),
    sa.Column("outside", sa.Boolean, nullable=False),
    sa.Column("result", _text),
    sa.Column("rang_at", _seconds),
    sa.Column("answered_at", _seconds),
    sa.Column("ended_at", _seconds),
    sa.Column("ring_seconds", _seconds, nullable=False),
    sa.Column("talk_seconds", _seconds, nullable=False),
    sa.Column("consult_seconds", _seconds, nullable=False),
    sa.Column("hold_seconds", _seconds, nullable=False),
)

queue_wait = _of_call(
    "queue_wait",
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("queue", _text, nullable=False),
    sa.Column("joined_at", _seconds, nullable=False),
    sa.Column("seconds", _seconds),
    sa.Column("answered", sa.Boolean, nullable=False),
)

transfer = _of_call(
    "transfer",
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", _text, nullable=False),
    sa.Column("from_endpoint", _text),
    sa.Column("to_number", _text),
    sa.Column("at", _seconds, nullable=False),
)

call_number = _of_call(
    "call_number",
    # A party's number from its first significant digit on, and the same backwards: the one finds what
    # begins as typed, the other what ends so.
    sa.Column("digits", _digits, primary_key=True),
    sa.Column("reversed", _digits, nullable=False),
    sa.Index("call_number_digits", "digits"),
    sa.Index("call_number_reversed", "reversed"),
)

call_linkedid = _of_call(
    "call_linkedid",
    sa.Column("linkedid", _text, primary_key=True),
    sa.Index("call_linkedid_call", "linkedid"),
)

call_tag = sa.Table(
    "call_tag",
    metadata,
    # What a call can be found by among others that have it too: "agent 201", "agent PJSIP/201", "queue support"; whose
    # it is: "user 01a2…", and where nobody knows who worked at a phone of it: "phone 201".
    # Each at most once a call, in order of time, so that a page of them is one walk along the key.
    sa.Column("tag", _text, primary_key=True),
    sa.Column("started_at", _seconds, primary_key=True),
    sa.Column("call_id", _text, primary_key=True),
    sa.Index("call_tag_call", "call_id"),
    sqlite_with_rowid=False,
)

call_agent = sa.Table(
    "call_agent",
    metadata,
    # Who worked at a phone of ours when it rang; an empty user: nobody did. Written with the call, and kept when its
    # record is written anew from a source that does not know.
    sa.Column("call_id", _text, primary_key=True),
    sa.Column("uniqueid", _text, primary_key=True),
    sa.Column("user_id", _text, primary_key=True),
    sa.Column("started_at", _seconds, nullable=False),
    sa.Column("extension", _text),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Column("talk_seconds", _seconds, nullable=False),
    sa.Column("at", _seconds, nullable=False),
    sa.Index("call_agent_of_user", "user_id", "at"),
)

call_agent_since = sa.Table("call_agent_since", metadata, sa.Column("at", _seconds, primary_key=True))

call_alias = sa.Table(
    "call_alias",
    metadata,
    sa.Column("gone", _text, primary_key=True),
    sa.Column("survivor", _text, nullable=False),
    sa.Column("logged", sa.BigInteger, nullable=False, server_default="1"),
    sa.Index("call_alias_survivor", "survivor"),
    sa.Index("call_alias_logged", "logged", "gone"),
)

difference = sa.Table(
    "difference",
    metadata,
    sa.Column("call_id", _text, primary_key=True),
    sa.Column("kind", _text, primary_key=True),
    sa.Column("pbx", _text, nullable=False),
    sa.Column("started_at", _seconds, nullable=False),
    sa.Column("fields", _text, nullable=False),
    sa.Column("repaired", sa.Boolean, nullable=False),
    sa.Column("at", _seconds, nullable=False),
    sa.Index("difference_of_pbx", "pbx", "started_at"),
)

truth_day = sa.Table(
    "truth_day",
    metadata,
    sa.Column("pbx", _text, primary_key=True),
    sa.Column("day", _text, primary_key=True),
    sa.Column("checked_at", _seconds, nullable=False),
)

pbx_clock = sa.Table(
    "pbx_clock",
    metadata,
    sa.Column("pbx", _text, primary_key=True),
    sa.Column("at", _seconds, primary_key=True),
    sa.Column("offset_seconds", _seconds, nullable=False),
)

figure_day = sa.Table(
    "figure_day",
    metadata,
    # Days that are tallied for the figures (``days``); one that is not here has to be tallied from its calls.
    sa.Column("start", _seconds, primary_key=True),
    sa.Column("ends", _seconds, nullable=False),
    sa.Column("tallied", sa.Integer, nullable=False),
)

figure_part = sa.Table(
    "figure_part",
    metadata,
    sa.Column("start", _seconds, primary_key=True),
    sa.Column("kind", _text, primary_key=True),
    sa.Column("pbx", _text, primary_key=True),
    sa.Column("name", _text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

CHILDREN = (leg, queue_wait, transfer, call_number, call_linkedid, call_tag)


class Entry(msgspec.Struct, frozen=True):
    """A record on its way into the log. ``at``: when it was true (epoch seconds); later replaces earlier. ``people``:
    who worked at its phones."""

    record: CallRecord
    at: float
    source: Source = "live"
    people: People = {}

    @property
    def standing(self) -> int:
        if self.record.provisional:
            return PROVISIONAL
        if self.record.outcome == "lost":
            return LOST
        return {"truth": FROM_TRUTH, "live": FINAL, "repair": REPAIRED}[self.source]


_encode = msgspec.json.Encoder().encode
decode_record = msgspec.json.Decoder(CallRecord).decode


def encode_record(record: CallRecord) -> str:
    """The record as ``call.record`` keeps it."""
    return _encode(record).decode()


def call_row(entry: Entry, logged: int = 1) -> tuple[Any, ...]:
    """The values of ``call``'s columns, in order, without ``confirmed_at``. ``logged``: the number of the commit."""
    r = entry.record
    return (
        r.id,
        key(r.pbx),
        r.kind,
        r.direction,
        r.outcome,
        key(r.queue),
        r.started_at or 0.0,
        r.ended_at,
        r.wait_seconds,
        r.talk_seconds,
        r.hold_seconds,
        r.provisional,
        entry.standing,
        entry.at,
        encode_record(r),
        logged,
    )


def child_rows(record: CallRecord, people: People | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table that hangs on the call, by table name. ``people``: who worked at its phones."""
    own, at = record.id, record.started_at or 0.0
    return {
        "leg": [_leg_row(own, n, leg_, at) for n, leg_ in enumerate(record.legs)],
        "queue_wait": [
            (own, at, n, key(w.queue), w.joined_at, w.seconds, w.answered) for n, w in enumerate(record.queue_waits)
        ],
        "transfer": [(own, at, n, t.kind, key(t.from_), key(t.to), t.at) for n, t in enumerate(record.transfers)],
        "call_number": [(own, at, digits, digits[::-1]) for digits in sorted(searchable_numbers(record))],
        "call_tag": [(tag, at, own) for tag in sorted(tags(record) | whose_tags(record, people or {}))],
        "call_linkedid": [(own, at, linkedid) for linkedid in sorted({record.linkedid, *record.linkedids})],
    }


def agent_rows(record: CallRecord, people: People) -> list[tuple[Any, ...]]:
    """The rows of ``call_agent``: of every phone of which it is known who worked there."""
    at = record.started_at or 0.0
    return [
        (
            record.id,
            key(x.uniqueid),
            user,
            at,
            key(x.extension),
            x.answered_at is not None,
            x.talk_seconds,
            x.rang_at or at,
        )
        for x in {x.uniqueid: x for x in record.legs if not x.outside}.values()
        for user in people.get(x.uniqueid, ()) or (("",) if x.uniqueid in people else ())
    ]


def _leg_row(own: str, position: int, l: Leg, at: float) -> tuple[Any, ...]:  # noqa: E741
    return (
        own, at, position, key(l.uniqueid), l.role, key(l.endpoint), key(l.extension), l.outside, l.result, l.rang_at,
        l.answered_at, l.ended_at, l.ring_seconds, l.talk_seconds, l.consult_seconds, l.hold_seconds,
    )  # fmt: skip


def tags(record: CallRecord) -> set[str]:
    """What this call is found by among others: the phones of ours that had a leg, the queues it waited in."""
    found = {agent_tag(name) for x in record.legs if not x.outside for name in (x.endpoint, x.extension) if name}
    queues = {record.queue, *(wait.queue for wait in record.queue_waits)}
    return found | {queue_tag(name) for name in queues if name}


def whose_tags(record: CallRecord, people: People) -> set[str]:
    """Whose call it is: of who worked at its phones, and of who has the phone where nobody knows that."""
    found = set()
    for leg_ in record.legs:
        users = people.get(leg_.uniqueid)
        if users is not None:
            found |= {user_tag(user) for user in users if user}
        elif not leg_.outside:
            found |= {phone_tag(name) for name in (leg_.endpoint, leg_.extension) if name}
    return found


AGENT = "agent "
"""How the tag of a phone of ours begins."""


def agent_tag(name: str) -> str:
    """``name``: an extension or an endpoint."""
    return f"{AGENT}{key(name)}"


PHONE = "phone "
"""How the tag of a phone begins, of which nobody knows who worked there."""


def phone_tag(name: str) -> str:
    """``name``: an extension or an endpoint."""
    return f"{PHONE}{key(name)}"


USER = "user "
"""How the tag of who worked at a phone begins."""


def user_tag(user: str) -> str:
    """``user``: an id."""
    return f"{USER}{key(user)}"


def queue_tag(name: str) -> str:
    return f"queue {key(name)}"


def key(text: str | None) -> str | None:
    """A text as an indexed column keeps it: no NUL (PostgreSQL knows none), not endless."""
    if text is None or (len(text) <= _KEY_LENGTH and "\0" not in text):
        return text
    return text.replace("\0", "")[:_KEY_LENGTH]


def searchable_numbers(record: CallRecord) -> set[str]:
    """Every form of the parties' numbers that somebody may type to find the call."""
    return number_forms(record.caller) | number_forms(record.dialled)


def number_forms(party: Caller | Number) -> set[str]:
    """Every form of a party's number that somebody may type, as ``call_number`` has them."""
    forms = {significant_digits(party.raw or "")}
    if party.number is not None:
        forms |= {significant_digits(party.number), _national(party.number)}
    forms.discard("")
    return forms


def significant_digits(text: str) -> str:
    """The digits of a number in any form, without leading zeros: the trunk prefix and ``00`` say nothing."""
    digits = "".join(c for c in latin_digits(text) if "0" <= c <= "9")
    return digits.lstrip("0")[:_LONGEST_NUMBER]


@lru_cache(maxsize=16384)
def _national(number: str) -> str:
    """An E.164 number without its country code."""
    try:
        return str(phonenumbers.parse(number).national_number)
    except phonenumbers.NumberParseException:
        return ""
