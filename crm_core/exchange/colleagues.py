"""Which colleague or team a cell of a file means. Pure.

A colleague is meant by his user name, which nobody shares, or by his full name where only one is called so. Names are
compared folded, without spaces.

Neighbours: ``means`` asks who there is, ``convert`` fills owner and team by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crm_core.users.account import Team, UserRef
from cti.kernel.errors import N_, InvalidError
from cti.kernel.persian import joined

SEVERAL = ""
"""In the place of an id: a name that does not say which of them."""


def users_by_name(users: Iterable[UserRef]) -> dict[str, str]:
    """What each may be called -> his id; ``SEVERAL`` for a name that several have."""
    users = tuple(users)
    found: dict[str, str] = {}
    for one in users:
        key = joined(one.name)
        found[key] = SEVERAL if key in found else one.id
    return found | {joined(one.login): one.id for one in users}


def teams_by_name(teams: Iterable[Team]) -> dict[str, str]:
    """What each is called -> its id."""
    found: dict[str, str] = {}
    for one in teams:
        found.setdefault(joined(one.name), one.id)
    return found


def user_of(text: str, users: Mapping[str, str]) -> str:
    """The id. Raises ``InvalidError`` that says what to write instead."""
    found = users.get(joined(text))
    if found is None:
        raise InvalidError(
            N_("There is no colleague «%(name)s»; write the user name, or the full name as the list of users has it."),
            name=text[:80],
        )
    if found == SEVERAL:
        raise InvalidError(N_("Several colleagues are called «%(name)s»; write the user name."), name=text[:80])
    return found


def team_of(text: str, teams: Mapping[str, str]) -> str:
    """The id. Raises ``InvalidError``."""
    found = teams.get(joined(text))
    if found is None:
        raise InvalidError(N_("There is no team «%(name)s»; write it as the list of teams has it."), name=text[:80])
    return found
