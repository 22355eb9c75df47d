"""Which certificate the product serves with: the one that is configured, else our own where ``cti tls`` made one.

Neighbours: ``cti.kernel.certificates`` makes it, ``web.tls`` serves with it.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from cti.kernel.certificates import Authority, names_of, read_certificate, usable
from cti.kernel.clock import Clock
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings
from web.tls import Tls

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
FOLDER = "tls"
_ELSEWHERE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))  # nothing is sent there (RFC 5737, 3849)


def authority_of(settings: Settings) -> Authority:
    return Authority(settings.folder / FOLDER)


def open_tls(settings: Settings, now: float) -> Tls | None:
    """The certificate to serve with, None for plain HTTP. ConfigurationError if it cannot be used."""
    authority = authority_of(settings)
    if settings.tls_key and not settings.tls_cert:
        raise ConfigurationError("CTI_TLS_KEY is set and CTI_TLS_CERT is not: a key is of no use without a certificate")
    public = authority.public if authority.public.is_file() else None
    if settings.tls_cert:
        return Tls(Path(settings.tls_cert), Path(settings.tls_key) if settings.tls_key else None, public)
    if not authority.exists:
        return None
    authority.renew(now)
    return Tls(authority.server, None, public)


async def keep_fresh(tls: Tls, settings: Settings, clock: Clock) -> None:
    """Renew our own certificate before it ends, and take up one that was changed, for as long as the product runs."""
    authority = authority_of(settings)
    while True:
        await clock.sleep(LOOK_SECONDS)
        if tls.certificate == authority.server and authority.secret.is_file():
            authority.renew(clock.now())
        tls.refresh()


def make_tls(settings: Settings, names: Sequence[str], now: float, *, anew: bool = False) -> str:
    """``cti tls``: make the certificate; what to do with it, as text to print."""
    authority = authority_of(settings)
    authority.make(names or own_names(settings), now, anew=anew)
    made = read_certificate(authority.server)
    port = settings.http.rpartition(":")[2]
    names = names_of(made)
    return TEXT.format(
        names=", ".join(names),
        ends=f"{made.not_valid_after_utc:%Y-%m-%d}",
        folder=authority.folder,
        url=f"https://{_written(names[0])}:{port}/",
        public=authority.public,
        fingerprint=authority.fingerprint(),
        port=port,
    )


TEXT = """\
A certificate for {names} is in {folder}; it ends on {ends} and is renewed by itself.

`cti run` uses it from its next start: {url}
To be reached from other machines it needs CTI_HTTP=0.0.0.0:{port} too.

Every device has to be told once to trust the authority that signed it, or its browser warns and gives no microphone,
notifications or installation. Give it the file {public}
(it can be fetched as {url}ca.crt) and install it: on Windows open it and choose "Trusted Root Certification
Authorities"; on Android under Settings, Security, Install a certificate, CA certificate; on iOS install the profile and
then switch it on under General, About, Certificate Trust Settings; on Linux copy it to /usr/local/share/ca-certificates
and run update-ca-certificates (Firefox has its own list). docs/https.md has each step. What is installed must have this
SHA-256 fingerprint:
{fingerprint}
"""


def own_names(settings: Settings) -> list[str]:
    """What this machine is called in its network: names first, then addresses; loopback last."""
    host = socket.gethostname().lower()
    names = [urlsplit(settings.public_url).hostname or "", host, "" if "." in host else f"{host}.local"]
    return [*dict.fromkeys(filter(usable, (*names, *_addresses(), "localhost", "127.0.0.1", "::1")))]


def _addresses() -> list[str]:
    """The addresses that this machine shows to others."""
    found = []
    for address, family in _ELSEWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((address, 9))
            except OSError:  # no network of this kind
                continue
            found.append(str(probe.getsockname()[0]))
    return found


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
