"""``cti watch``: the calls of one user, told by a running product to who has no browser open.

A client of ``/push`` like a page is: topic ``pops``, a token in its first hello, a snapshot after each new connection.
What it knows it tells once, also over a lost connection. A command gets the card as JSON on its standard input and as
``TAMAS_*`` in its environment; nothing that a caller can choose is ever part of a command line, and there is no shell.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shlex
import ssl
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import websockets
from websockets.asyncio.client import connect

from cti.kernel.backoff import Backoff
from cti.kernel.errors import ConfigurationError, UnauthenticatedError

log = logging.getLogger(__name__)

Card = dict[str, Any]
STATES = ("ringing", "answered", "elsewhere", "ended")
BEGINS = frozenset(("begins",))
"""Told once for each card: when it rings, or at once talks."""
OVER = frozenset(("elsewhere", "ended"))
SIGNED_OUT = 4401
MOST_AT_ONCE = 8
"""Commands that run side by side; what rings meanwhile waits."""
MOST_SECONDS = 60.0
"""A command that runs longer is ended: it would hold up those that wait."""
MOST_WAITING = 200


class Told:
    """What was told of each card, so that a snapshot tells only what is new. Sans I/O."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}

    def snapshot(self, cards: list[Card]) -> list[tuple[Card, bool]]:
        """What is new in it; a card that is missing has ended while nobody listened."""
        now = {card["pop"] for card in cards}
        gone = [card | {"state": "ended", "doing": "off"} for pop, card in self._cards.items() if pop not in now]
        return [new for each in (*gone, *cards) for new in self.event(each)]

    def event(self, card: Card) -> list[tuple[Card, bool]]:
        """The card, if its state is another than was told, and whether it begins."""
        pop = card["pop"]
        before = self._cards.get(pop)
        if card["state"] in OVER:
            self._cards.pop(pop, None)
        else:
            self._cards[pop] = card
        if before is not None and before["state"] == card["state"]:
            return []
        return [(card, before is None and card["state"] not in OVER)]


async def run(
    url: str, token: str, *, command: str = "", as_json: bool = False, on: Collection[str] = (),
    ca: Path | None = None, insecure: bool = False, say: Callable[[str], None] = print,
) -> None:  # fmt: skip
    """What ``cti watch`` does: a line for each card, or ``command``; by default that once, when the card begins."""
    if not token:
        raise ConfigurationError("no token: give CTI_TOKEN or --token; cti token create LOGIN makes one")
    context = trust(push_url(url), ca, insecure)
    if not command:
        line = json.dumps if as_json else line_of
        await watch(url, token, lambda card: say(line(card)), on=on or STATES, context=context)
    commands = Commands(command)
    await watch(url, token, commands, on=on or BEGINS, context=context)


def push_url(url: str) -> str:
    """The address of the pushes of a product at ``url``. ConfigurationError if that is none."""
    parts = urlsplit(url)
    scheme = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}.get(parts.scheme)
    if scheme is None or not parts.netloc:
        raise ConfigurationError(f"{url!r} is not an address such as http://127.0.0.1:8080")
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + "/push", "", ""))


def trust(url: str, ca: Path | None, insecure: bool) -> ssl.SSLContext | None:
    """How the server's certificate is checked; None for plain HTTP."""
    if not url.startswith("wss:"):
        return None
    try:
        context = ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"{ca} cannot be used: {error}") from error
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def line_of(card: Card) -> str:
    """A card as one line of text."""
    other = card.get("other", {})
    who = " ".join(filter(None, (other.get("name"), other.get("number")))) or "withheld"
    words = [card.get("since", ""), card["state"], card.get("direction", ""), who]
    words += [f"{label} {card[key]}" for label, key in (("queue", "queue"), ("line", "line")) if card.get(key)]
    if card.get("result"):
        words.append(f"({card['result']})")
    if by := card.get("by", {}):
        words.append(f"by {by.get('name') or by.get('ext') or 'outside'}")
    return _printable("  ".join(filter(None, words)))


def environment_of(card: Card) -> dict[str, str]:
    """A card as ``TAMAS_*``; what is not known is empty, so that nothing of another call is inherited."""
    other, caller = card.get("other", {}), card.get("caller" if card.get("direction") != "outbound" else "dialled", {})
    known = {
        "POP": card.get("pop"), "CALL": card.get("call"), "STATE": card.get("state"), "RESULT": card.get("result"),
        "DIRECTION": card.get("direction"), "NUMBER": caller.get("number") or other.get("raw"),
        "RAW": other.get("raw"), "NAME": other.get("name"), "CONTACT": other.get("contact"), "TIER": other.get("tier"),
        "QUEUE": card.get("queue"), "LINE": card.get("line"), "EXTENSION": card.get("mine", {}).get("ext"),
        "OPEN": card.get("open"),
    }  # fmt: skip
    return {f"TAMAS_{key}": _printable(str(value or "")) for key, value in known.items()}


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\u200c" else " " for c in text)


class Commands:
    """Runs a command for each card, a few at a time and in order of coming."""

    def __init__(self, command: str) -> None:
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise ConfigurationError(f"--exec: {error}") from error
        if not self._words:
            raise ConfigurationError("--exec: no command")
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    def __call__(self, card: Card) -> None:
        if len(self._running) >= MOST_WAITING:
            log.warning("%s is too slow: %s is left out", self._words[0], card["pop"])
            return
        task = asyncio.create_task(self._run(card), name="watch:exec")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def finish(self) -> None:
        """Return when every command has ended."""
        while self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, card: Card) -> None:
        async with self._turns:
            environment = {key: value for key, value in os.environ.items() if key != "CTI_TOKEN"}
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._words, stdin=asyncio.subprocess.PIPE, env={**environment, **environment_of(card)}
                )
            except OSError as error:
                log.error("%s cannot be run: %s", self._words[0], error.strerror)
                return
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    await process.communicate(json.dumps(card, ensure_ascii=False).encode())
            except TimeoutError:
                log.error("%s was ended: it ran for %s s", self._words[0], MOST_SECONDS)
                process.kill()
                await process.wait()
            except asyncio.CancelledError:
                process.kill()
                raise
            if process.returncode:
                log.warning("%s ended with %s", self._words[0], process.returncode)


async def watch(
    url: str, token: str, tell: Callable[[Card], None], *, on: Collection[str] = STATES,
    context: ssl.SSLContext | None = None, backoff: Backoff | None = None,
) -> None:  # fmt: skip
    """Tell every card whose state becomes one of ``on``, or which begins (``BEGINS``), for as long as it is not
    cancelled; a lost connection is taken up again. UnauthenticatedError if the token is not good for this."""
    told, waits = Told(), backoff or Backoff()
    address = push_url(url)
    while True:
        try:
            async with connect(address, ssl=context, max_size=None) as socket:
                await socket.send(json.dumps({"type": "hello", "token": token, "topics": ["pops"]}))
                async for message in socket:
                    waits.reset()
                    for card, begins in _cards(told, json.loads(message)):
                        if card["state"] in on or (begins and on is BEGINS):
                            tell(card)
                reason = "the server closed the connection"
        except websockets.ConnectionClosed as closed:
            _refused(closed.rcvd.code if closed.rcvd is not None else 0)
            reason = "the connection was lost"
        except (OSError, TimeoutError, websockets.InvalidHandshake) as error:
            reason = f"{address} cannot be reached: {error}"
        seconds = waits.next()
        log.warning("%s; once more in %.0f s", reason, seconds)
        await asyncio.sleep(seconds)


def _cards(told: Told, message: Mapping[str, Any]) -> list[tuple[Card, bool]]:
    if message.get("type") == "error":
        if message.get("reason") in ("forbidden", "unauthenticated"):
            _refused(SIGNED_OUT, message["reason"])
        raise ConfigurationError(f"the server does not understand this version: {message.get('reason')}")
    if message.get("topic") != "pops":
        return []
    data = message["data"]
    return told.snapshot(data["pops"]) if message["type"] == "snapshot" else told.event(data)


def _refused(code: int, reason: str = "unauthenticated") -> None:
    if code == SIGNED_OUT:
        right = "it needs the permission desk.use" if reason == "forbidden" else "make one with cti token create LOGIN"
        raise UnauthenticatedError(f"the token (CTI_TOKEN or --token) is not good for this: {right}")
