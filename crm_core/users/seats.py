"""Which phones were chosen by whom, read: a seat counts while the session that chose it does.

Neighbours: ``desks`` writes them, ``access`` asks ``at`` for each who signs in.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from crm_core.users.account import User
from cti.kernel.db import Reader


class Seat(msgspec.Struct, frozen=True):
    """``user_id``, named ``name``, sits at ``extension``."""

    extension: str
    user_id: str
    name: str


async def taken(reader: Reader, seen_since: float, made_since: float) -> dict[str, Seat]:
    """The phones that were chosen by somebody who is still signed in, by extension: his session was ``seen_since``
    and ``made_since`` these moments."""
    rows = await reader.fetch(
        "SELECT d.extension, d.user_id, u.name FROM desk d "
        "JOIN session s ON s.id = d.session JOIN user_account u ON u.id = d.user_id "
        "WHERE u.active AND s.revoked_at IS NULL AND s.seen_at > ? AND s.made_at > ?",
        seen_since,
        made_since,
    )
    return {row[0]: Seat(*row) for row in rows}


async def at(reader: Reader, user: User, seen_since: float, made_since: float) -> tuple[str, ...]:
    """The extensions that a user works with now: the one that he chose, and his own but where others sit."""
    return of(user, await taken(reader, seen_since, made_since))


def of(user: User, seats: Mapping[str, Seat]) -> tuple[str, ...]:
    """The same, where it is known who sits where."""
    chosen = [seat.extension for seat in seats.values() if seat.user_id == user.id]
    own = [e for e in user.extensions if e not in seats or seats[e].user_id == user.id]
    return tuple(dict.fromkeys((*chosen, *own)))
