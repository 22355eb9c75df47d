"""Who asks: a user, a program with a token, or the product itself, and what he may do.

Every service takes the ``Actor`` as its first argument and calls ``require`` before anything else; pages and API
only declare what they will be asked for, so that a test can walk them. ``PERMISSIONS`` is the whole list;
``crm_core.users`` keeps which role has which.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from cti.kernel.errors import ForbiddenError, UnauthenticatedError

ActorKind = Literal["user", "token", "system", "nobody"]

PERMISSIONS: tuple[str, ...] = (
    "live.view",  # the live page and its pushes
    "calls.view",  # calls that a phone of one's own had a part in
    "calls.view_team",  # those of one's teams
    "calls.view_all",  # every call, and those that nobody took
    "calls.export",
    "recordings.listen",
    "numbers.view",  # whole numbers; who lacks it sees them masked
    "contacts.view",
    "contacts.edit",  # and notes, files, tags
    "contacts.delete",
    "contacts.merge",
    "contacts.import",
    "contacts.export",
    "tasks.use",  # one's own, and those that one gave
    "tasks.view_all",
    "notes.moderate",  # change and delete what others wrote
    "desk.choose",  # sit down at another phone for the day
    "desk.use",  # take calls: screen pops, one's own state, control of one's own calls
    "calls.dial",  # call numbers by a click
    "agents.view",  # colleagues and what they do now
    "live.act",  # end, take over and move the calls of one's teams
    "monitor.listen",  # hear calls of one's teams
    "monitor.speak",  # whisper to their agents, and join in
    "agents.manage",  # change the state and queues of others in one's teams, and send them messages
    "playback.view",  # see the live page as it was
    "alerts.manage",  # the rules of alerts
    "wallboards.manage",  # boards for a screen on the wall, and their links
    "figures.manage",  # how figures are counted, targets and thresholds
    "results.manage",  # the results of calls and the reasons of pauses that there are to choose from
    "tokens.own",  # make API tokens with one's own rights
    "truth.view",  # how the log compares with the PBX's records
    "audit.view",
    "fields.manage",
    "users.manage",  # users, teams, what they work with
    "roles.manage",
    "pbx.manage",
)
"""Names of permissions. A name stays what it is: roles that are stored hold them."""


class Actor(msgspec.Struct, frozen=True):
    """``id`` and ``name`` are the user's (a token acts for its user). ``permissions``: what he may, already narrowed
    to the token's scopes. ``extensions``: the phones he works with now. ``session``: id of the session or token.
    ``origin``: the network address he asks from, empty for the product itself."""

    id: str
    name: str
    kind: ActorKind = "user"
    role: str = ""
    permissions: frozenset[str] = frozenset()
    extensions: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    session: str = ""
    origin: str = ""

    @property
    def known(self) -> bool:
        """False for who has not signed in."""
        return self.kind != "nobody"

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    def require(self, *permissions: str) -> None:
        """UnauthenticatedError if nobody is signed in, ForbiddenError unless he has every one of them."""
        if not self.known:
            raise UnauthenticatedError("Sign in first.")
        for permission in permissions:
            if permission not in self.permissions:
                raise ForbiddenError(f"This needs the permission {permission}; ask an administrator for it.")

    def require_any(self, *permissions: str) -> None:
        """ForbiddenError unless he has one of them."""
        if not any(map(self.may, permissions)):
            self.require(permissions[0])


NOBODY = Actor(id="", name="", kind="nobody")


def system(name: str) -> Actor:
    """The product itself at work (an import, the demo, a command at the server's own console): may do everything."""
    return Actor(id="", name=name, kind="system", permissions=frozenset(PERMISSIONS))
