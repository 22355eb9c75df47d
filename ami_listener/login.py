"""Logging in, and what is asked at once after it: what we may do there, and the session's event filters.

MD5 challenge first, so that the secret does not cross the network; the secret itself where the PBX
does not know the challenge, and always inside TLS. Uses nothing but ``send``; ``connection`` supervises.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import msgspec

from ami_listener import filters
from ami_listener.encode import Header
from ami_listener.protocol import Message
from ami_listener.url import PbxUrl

log = logging.getLogger(__name__)

# Sends one action, gives the PBX's response, whatever it says.
Send = Callable[[str, Mapping[str, Header]], Awaitable[Message]]
Refusal = Literal["wrong_secret", "no_permission", "busy", "filter", "refused"]


class LoginRefusedError(Exception):
    """The PBX does not let us in; ``str()`` is a sentence for people."""

    def __init__(self, refusal: Refusal, reason: str) -> None:
        super().__init__(reason)
        self.refusal = refusal


class Session(msgspec.Struct, frozen=True):
    """What this login is good for. ``version`` is Asterisk's, empty if the login may not ask.

    ``permitted``: the actions that it may send. ``filtered``: session filters were set.
    """

    version: str
    permitted: frozenset[str]
    filtered: bool


async def log_in(send: Send, url: PbxUrl, classes: tuple[str, ...]) -> None:
    """Log in, asking for these classes of events; raises ``LoginRefusedError``."""
    # Asterisk takes "off" for no events at all; an empty header would mean every class.
    common: dict[str, Header] = {"Username": url.user, "Events": ",".join(classes) or "off"}
    proof = None if url.tls else await _challenge(send, url)
    if proof is None:
        proof = {"Secret": url.secret.reveal()}
    response = await send("Login", {**common, **proof})
    if response.headers.get("Response") != "Success":
        raise _refusal(response.headers.get("Message", ""), url)


async def open_session(send: Send, *, filtered: bool) -> Session:
    """Ask what the login may do and, if it may, have the PBX send only what is wanted."""
    response = await send("ListCommands", {})
    permitted = frozenset(response.headers) - {"Response", "ActionID", "Message"}
    version = ""
    if "CoreSettings" in permitted:
        version = (await send("CoreSettings", {})).headers.get("AsteriskVersion", "")
    done = filtered and "Filter" in permitted and await _filter(send, version)
    return Session(version, permitted, done)


async def _challenge(send: Send, url: PbxUrl) -> dict[str, Header] | None:
    response = await send("Challenge", {"AuthType": "MD5"})
    challenge = response.headers.get("Challenge", "")
    if response.headers.get("Response") != "Success" or not challenge:
        log.warning("PBX %s knows no MD5 challenge: the secret is sent as it is", url.name)
        return None
    # Asterisk's protocol asks for MD5; it guards the secret on the wire, not at rest.
    digest = hashlib.md5((challenge + url.secret.reveal()).encode(), usedforsecurity=False)
    return {"AuthType": "MD5", "Key": digest.hexdigest()}


async def _filter(send: Send, version: str) -> bool:
    if filters.knows_advanced(version):
        actions = [{"MatchCriteria": criteria, "Filter": expression} for criteria, expression in filters.advanced()]
    else:
        actions = [{"Filter": expression} for expression in filters.legacy()]
    responses = await asyncio.gather(*(send("Filter", {"Operation": "Add", **headers}) for headers in actions))
    for headers, response in zip(actions, responses, strict=True):
        if response.headers.get("Response") != "Success":
            # The others are includes: they now hide what this one should have let through.
            raise LoginRefusedError("filter", f"the PBX refuses the event filter {headers}: {_said(response)}")
    return True


def _said(response: Message) -> str:
    return response.headers.get("Message", "") or "no reason given"


def _refusal(said: str, url: PbxUrl) -> LoginRefusedError:
    """Sort what manager.c says: action_login, process_message."""
    if said == "Authentication failed":
        return LoginRefusedError(
            "wrong_secret",
            f"the PBX does not accept user {url.user} with this secret, or not from our address"
            " (manager.conf: secret, permit)",
        )
    if said == "Permission denied":
        return LoginRefusedError("no_permission", f"the PBX does not permit user {url.user} to log in")
    if said == "Login Already In Use":
        return LoginRefusedError(
            "busy", f"user {url.user} is logged in elsewhere and may not be twice (manager.conf: allowmultiplelogin)"
        )
    return LoginRefusedError("refused", f"the PBX refuses the login: {said or 'no reason given'}")
