"""Rows of a part of a period parted: calls that are over, whole, and what has to wait for the next part.

What may bear on one another stays together: channels of one call (see ``channels.closures``), and those of many calls
that met in a bridge, since who talked in a conference is told by the rows of all.

Neighbours: ``source`` goes through a period with it; ``calls`` and ``cdr_calls`` then read what is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ami_listener.truth.channels import Union, named_by, read_extra
from ami_listener.truth.rows import CdrRow, CelRow, Rows

_ENDS = ("CHAN_END", "HANGUP")


def part(rows: Rows, before: float) -> tuple[Rows, Rows]:
    """The rows of all that was over ``before``, and the others. Without CEL nobody knows what is still up."""
    joined = Union()
    for row in rows.cel:
        for item in _items(row):
            joined.join(f"u {row.uniqueid}", item)
    for detail in rows.cdr:
        for item in _details(detail, alone=not rows.cel):
            joined.join(_own(detail), item)
    waiting = {joined.root(item) for item in _unsettled(rows, before)}
    cel = [(joined.root(f"u {row.uniqueid}") in waiting, row) for row in rows.cel]
    cdr = [(joined.root(_own(row)) in waiting, row) for row in rows.cdr]
    over = Rows([row for waits, row in cel if not waits], [row for waits, row in cdr if not waits])
    return over, Rows([row for waits, row in cel if waits], [row for waits, row in cdr if waits])


def _unsettled(rows: Rows, before: float) -> Iterator[str]:
    ended = {row.uniqueid for row in rows.cel if row.type in _ENDS}
    yield from (f"u {r.uniqueid}" for r in rows.cel if r.at >= before or r.uniqueid not in ended)
    yield from (_own(r) for r in rows.cdr if r.end >= before)


def _items(row: CelRow) -> Iterator[str]:
    yield f"l {row.linkedid}"
    for other in named_by(row):
        yield f"u {other}"
    if row.type == "BRIDGE_ENTER":
        bridge = read_extra(row).get("bridge_id")
        if bridge:
            yield f"b {bridge}"
        else:  # a table without ``extra`` names only who was there
            yield from (f"c {name}" for name in (row.channel, *row.peer.split(",")) if name)


def _details(row: CdrRow, *, alone: bool) -> Iterable[str]:
    linkedid = (f"l {row.linkedid}",) if row.linkedid else ()
    names = tuple(f"c {name}" for name in (row.channel, row.dstchannel) if name) if alone else ()
    return (*linkedid, *names)


def _own(row: CdrRow) -> str:
    return f"u {row.uniqueid or row.channel}"
