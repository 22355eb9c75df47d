"""Whom a text mentions: ``@`` and the login or the name of a user, in any spelling. Pure.

The longest name that fits is meant: ``@مریم رستگار`` is she, even where there is a ``@مریم`` too.
"""

from __future__ import annotations

from collections.abc import Iterable

from crm_core.users.account import UserRef
from cti.kernel.persian import fold

MOST = 50
"""Mentions in one note; nobody means more."""


def mentioned(text: str, users: Iterable[UserRef]) -> tuple[str, ...]:
    """The ids of the users whom ``text`` mentions, in its order, each once. Who is switched off is nobody."""
    parts = fold(text).split("@")[1 : 1 + 4 * MOST]
    if not parts:
        return ()
    known = {fold(name): user.id for user in users if user.active for name in (user.name, user.login) if name}
    names = sorted(known, key=len, reverse=True)
    found = (next((name for name in names if _begins(part, name)), None) for part in parts)
    return tuple(dict.fromkeys(known[name] for name in found if name is not None))[:MOST]


def _begins(part: str, name: str) -> bool:
    """``part`` begins with ``name``, and the name ends there."""
    return part.startswith(name) and not part[len(name) : len(name) + 1].isalnum()
