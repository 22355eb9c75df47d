"""Alerts sent to another program: a signed POST for each that is raised, taken or over, in order, tried again.

``X-Tamas-Signature: sha256=…`` is the HMAC-SHA256 of the body with the secret that both know. Redirects are not
followed: what is told goes where the settings say and nowhere else. Neighbours: ``cti.app.alerts`` gives the alerts.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from cti.kernel.backoff import Backoff
from cti.kernel.clock import Clock
from cti.kernel.errors import ConfigurationError
from cti.live.alarms import Alert
from cti.live.record import rfc3339

log = logging.getLogger(__name__)
TIMEOUT = aiohttp.ClientTimeout(total=10)
MOST_WAITING = 1000
"""Beyond these the oldest are not sent."""
MOST_TRIES = 8
SIGNATURE = "X-Tamas-Signature"


class Webhook:
    """``take`` puts alerts in the queue; ``run`` has to run. No address: nothing is sent."""

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        self.url, self._secret, self._clock = url, secret.encode(), clock
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()

    @classmethod
    def of(cls, table: Mapping[str, Any], clock: Clock) -> Webhook:
        """By ``[alerts]`` of the settings. ConfigurationError: an address that is none, a key that is unknown."""
        if unknown := table.keys() - {"webhook", "secret"}:
            raise ConfigurationError(f"alerts: {min(unknown)} is not a setting; known are webhook and secret")
        url, secret = str(table.get("webhook", "")), str(table.get("secret", ""))
        parts = urlsplit(url)
        if url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ConfigurationError("alerts: webhook has to begin with http:// or https://")
        if url and not secret:
            raise ConfigurationError("alerts: webhook needs a secret, which what it tells is signed with")
        return cls(url, secret, clock)

    def take(self, alerts: Iterable[Alert]) -> None:
        if self.url:
            self._waiting.extend(body_of(alert) for alert in alerts)
            self._wake.set()

    async def run(self) -> None:
        """Send what waits, for as long as the product runs."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as client:
            while True:
                await self._wake.wait()
                while self._waiting:
                    await self._send(client, self._waiting.popleft())
                self._wake.clear()

    async def _send(self, client: aiohttp.ClientSession, body: bytes) -> None:
        backoff, why = Backoff(0.5, 60.0), ""
        signed = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", SIGNATURE: f"sha256={signed}"}
        for _ in range(MOST_TRIES):
            try:
                async with client.post(self.url, data=body, headers=headers, allow_redirects=False) as answer:
                    if 200 <= answer.status < 300:
                        return
                    why = f"status {answer.status}"
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                why = f"{type(error).__name__}: {error}"
            await self._clock.sleep(backoff.next())
        log.error("an alert could not be sent: %s", why)


def body_of(alert: Alert) -> bytes:
    """The alert as the API has it; ``state``: open or over."""
    told: dict[str, Any] = msgspec.to_builtins(alert)
    told |= {name: rfc3339(told[name]) for name in ("raised_at", "cleared_at", "taken_at")}
    return msgspec.json.encode(told | {"state": "open" if alert.cleared_at is None else "over"})
