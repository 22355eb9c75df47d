"""Who can sign in when the product starts, and what the console says of it.

With the demo PBX there are four people to try it as; a real first start makes an administrator, whose one-time
password is told once. Neighbours: ``crm_core.users.starting`` does it, ``product`` calls ``prepare``.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from ami_listener.simulator.options import extension
from ami_listener.simulator.people import AGENTS
from crm_core.users.account import UserDraft
from crm_core.users.starting import Secret
from web.services import Crm

log = logging.getLogger(__name__)

DEMO: tuple[UserDraft, ...] = (
    UserDraft(login="agent", name="سارا محمدی", role="agent", extensions=("201",)),
    UserDraft(login="supervisor", name="مریم حسینی", role="supervisor", extensions=("203",)),
    UserDraft(login="manager", name="حسین صادقی", role="manager", extensions=("208",)),
    UserDraft(login="administrator", name="شیرین یوسفی", role="administrator", extensions=("211",)),
)
"""They bear the names of the simulated agents at those phones."""
COLLEAGUES: tuple[UserDraft, ...] = tuple(
    UserDraft(login=f"demo-{ext}", name=name, role="agent", extensions=(ext,))
    for ext, name in ((extension(n, len(AGENTS)), name) for n, name in enumerate(AGENTS))
    if name not in {draft.name for draft in DEMO}
)
"""Who sits at the other phones; nobody signs in as one of them."""
DEMO_TEAM = "مرکز تماس"
"""All of them are in it: a supervisor sees his own teams."""

Passwords = Mapping[str, Secret]


async def prepare(crm: Crm, *, demo: bool, folder: Path, say: Callable[[str], None]) -> Sequence[str]:
    """Make who has to be there. What is told only once goes through ``say`` at once (a start that fails afterwards
    must not swallow it); what is told at each start is answered."""
    if demo and not await crm.starting.has_own_users():
        return _demo_lines(await _demo_passwords(crm, folder / "demo" / "passwords.json"))
    dropped = await crm.starting.drop_demo()
    if dropped:
        why = "a PBX is connected" if not demo else "there are users of your own"
        say(f"  The {dropped} users of the demo are disabled: {why}.")
    made = await crm.starting.first_administrator()
    if made is not None:
        login, password = made
        say("")
        say("  Sign in as the administrator; you choose a password of your own right after.")
        say("  This is shown only once (another one: cti user passwd " + login + "):")
        say(f"      user name  {login}")
        say(f"      password   {password}")
    return ()


async def _demo_passwords(crm: Crm, file: Path) -> Passwords:
    known = await asyncio.to_thread(_read, file)
    fresh = await crm.starting.demo(DEMO, {login: secret.kept for login, secret in known.items()})
    await crm.starting.demo_team(DEMO_TEAM, COLLEAGUES)
    passwords = {str(draft.login): {**known, **fresh}[str(draft.login)] for draft in DEMO}
    if fresh:
        await asyncio.to_thread(_write, file, passwords)
    return passwords


def _demo_lines(passwords: Passwords) -> Sequence[str]:
    lines = ["  demo users:        user name      password"]
    for draft in DEMO:
        login = str(draft.login)
        lines.append(f"                     {login:<14} {passwords[login].password}")
    return lines


def _read(file: Path) -> dict[str, Secret]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, Secret])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        log.warning("the passwords of the demo cannot be read and are made anew: %s", error)
        return {}


def _write(file: Path, passwords: Passwords) -> None:
    """Readable by who runs the product only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(passwords), indent=1))
