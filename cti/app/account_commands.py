"""What ``cti user`` and ``cti token`` do: the same services as the pages, as the product itself, beside a running one.

Each function answers the lines to print. Neighbour: ``cti.cli`` has the options.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from crm_core.users.account import UserDraft
from cti.app.crm import open_crm
from cti.app.storage import open_database
from cti.kernel.actor import system
from cti.kernel.clock import SystemClock
from cti.kernel.errors import NotFoundError
from cti.kernel.settings import Settings, load
from web.services import Crm

CONSOLE = system("console")
DAY = 86400.0


@asynccontextmanager
async def _crm(settings: Settings) -> AsyncIterator[Crm]:
    database = await open_database(settings)
    try:
        yield open_crm(settings, database, SystemClock())
    finally:
        await database.close()


async def add_user(
    login: str,
    *,
    name: str = "",
    role: str = "agent",
    teams: Sequence[str] = (),
    extensions: Sequence[str] = (),
    password: str | None = None,
) -> list[str]:
    """``cti user add``. ``role`` and ``teams`` by id or title."""
    async with _crm(load()) as crm:
        draft = UserDraft(
            login=login,
            name=name or login,
            role=await _role(crm, role),
            teams=tuple([await _team(crm, team) for team in teams]),
            extensions=tuple(extensions),
        )
        made = await crm.users.create(CONSOLE, draft, password)
    return [f"user {made.user.login} ({made.user.name}) is there", *_one_time(made.one_time)]


async def set_password(login: str, password: str | None = None) -> list[str]:
    """``cti user passwd``: sessions end, wrong tries are forgotten."""
    async with _crm(load()) as crm:
        user = await crm.users.by_login(CONSOLE, login)
        one_time = await crm.users.set_password(CONSOLE, user.id, password)
    return [f"the password of {user.login} is changed; signed-in browsers are signed out", *_one_time(one_time)]


async def set_role(login: str, role: str) -> list[str]:
    """``cti user role``."""
    async with _crm(load()) as crm:
        user = await crm.users.by_login(CONSOLE, login)
        changed = await crm.users.change(CONSOLE, user.id, UserDraft(role=await _role(crm, role)))
    return [f"{changed.login} has the role {changed.role}"]


async def switch(login: str, *, active: bool) -> list[str]:
    """``cti user disable`` and ``enable``."""
    async with _crm(load()) as crm:
        user = await crm.users.by_login(CONSOLE, login)
        await crm.users.switch(CONSOLE, user.id, active=active)
    return [f"{user.login} {'can sign in again' if active else 'cannot sign in any more'}"]


async def drop_second_step(login: str) -> list[str]:
    """``cti user no-totp``: for who lost his phone and his recovery codes."""
    async with _crm(load()) as crm:
        user = await crm.users.by_login(CONSOLE, login)
        await crm.second_step.drop_of(CONSOLE, user.id)
    return [f"{user.login} signs in by password alone"]


async def list_users() -> list[str]:
    """``cti user list``."""
    lines: list[str] = []
    cursor: str | None = None
    async with _crm(load()) as crm:
        while True:
            page = await crm.users.page(CONSOLE, cursor=cursor, limit=500)
            for user in page.items:
                marks = f"{'' if user.active else ' disabled'}{' demo' if user.demo else ''}"
                extensions = ",".join(user.extensions)
                lines.append(f"{user.login:<20} {user.role:<14} {extensions:<12} {user.name}{marks}")
            cursor = page.next
            if cursor is None:
                return lines


async def create_token(login: str, name: str, scopes: Sequence[str] = (), days: float | None = None) -> list[str]:
    """``cti token create``: the secret alone, so that a script can take it."""
    async with _crm(load()) as crm:
        user = await crm.users.by_login(CONSOLE, login)
        expires_at = None if days is None else SystemClock().now() + days * DAY
        made = await crm.tokens.create(
            CONSOLE, name, scopes=tuple(scopes) or None, expires_at=expires_at, user_id=user.id
        )
    return [made.secret]


async def list_tokens(login: str) -> list[str]:
    """``cti token list``."""
    async with _crm(load()) as crm:
        user = await crm.users.by_login(CONSOLE, login)
        tokens = await crm.tokens.all(CONSOLE, user.id)
    return [
        f"{t.id}  {'all' if t.scopes is None else ','.join(t.scopes)}  until {_day(t.expires_at)}  "
        f"used {_day(t.used_at)}  {t.name}"
        for t in tokens
    ]


async def revoke_token(token_id: str) -> list[str]:
    """``cti token revoke``."""
    async with _crm(load()) as crm:
        await crm.tokens.revoke(CONSOLE, token_id)
    return ["it opens nothing any more"]


async def _role(crm: Crm, text: str) -> str:
    roles = await crm.roles.all(CONSOLE)
    for role in roles:
        if text.casefold() in (role.id.casefold(), role.title.casefold()):
            return role.id
    raise NotFoundError(f"There is no role {text!r}; there are: {', '.join(role.id for role in roles)}.")


async def _team(crm: Crm, text: str) -> str:
    teams = await crm.teams.all(CONSOLE)
    for team in teams:
        if text.casefold() in (team.id.casefold(), team.name.casefold()):
            return team.id
    raise NotFoundError(f"There is no team {text!r}; there are: {', '.join(t.name for t in teams) or 'none'}.")


def _one_time(password: str | None) -> list[str]:
    return [] if password is None else [f"one-time password: {password}", "(to be changed at the first sign-in)"]


def _day(at: float | None) -> str:
    return "never" if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
