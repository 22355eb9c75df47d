"""Where a PBX is and how to log in there: ``ami://user:secret@host:5038/?name=main``.

The secret is in none of the texts that these classes give of themselves; ``login`` alone reveals it.
"""

from __future__ import annotations

import difflib
import re
import ssl
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from cti.kernel.errors import ConfigurationError

PORTS = {"ami": 5038, "amis": 5039}
OPTIONS = ("name", "ca", "server_name", "verify")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}").fullmatch


class Secret:
    """A password that does not show itself."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__


class PbxUrl(msgspec.Struct, frozen=True):
    """One login on one PBX. ``name`` is what the product calls that PBX, also in call ids.

    ``tls`` for ``amis://``: ``ca`` is a file of certificates to trust instead of the system's,
    ``server_name`` the name in the certificate if it is not ``host``, ``verify`` False trusts anybody.
    """

    name: str
    host: str
    port: int
    user: str
    secret: Secret
    tls: bool = False
    ca: str = ""
    server_name: str = ""
    verify: bool = True

    @classmethod
    def parse(cls, text: str, default_name: str = "main") -> PbxUrl:
        """Read one address; raises ``ConfigurationError`` with what is wrong with it."""
        parts = _split(text)
        options = _options(parts)
        name = options.get("name", default_name)
        if not _NAME(name):
            raise ConfigurationError(f"the PBX name {name!r} may have small letters, digits, - and _ only")
        if options.get("verify", "yes") not in ("yes", "no"):
            raise ConfigurationError(f"PBX {name}: verify must be yes or no")
        tls = parts.scheme == "amis"
        if not tls and options.keys() & {"ca", "server_name", "verify"}:
            raise ConfigurationError(f"PBX {name}: ca, server_name and verify are for amis:// addresses")
        return cls(
            name=name,
            host=parts.hostname or "",
            port=_port(parts, name),
            user=unquote(parts.username or ""),
            secret=Secret(unquote(parts.password or "")),
            tls=tls,
            ca=options.get("ca", ""),
            server_name=options.get("server_name", ""),
            verify=options.get("verify", "yes") == "yes",
        )

    def ssl_context(self) -> ssl.SSLContext | None:
        """What to connect with, None for plain TCP; raises ``ConfigurationError`` if ``ca`` cannot be read."""
        if not self.tls:
            return None
        if self.ca and not Path(self.ca).is_file():
            raise ConfigurationError(f"PBX {self.name}: there is no file {self.ca} with certificates to trust")
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
        except ssl.SSLError as error:
            raise ConfigurationError(f"PBX {self.name}: {self.ca} holds no certificates ({error.reason})") from error
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'amis' if self.tls else 'ami'}://{self.user}@{host}:{self.port}/?name={self.name}"


def parse_urls(text: str) -> tuple[PbxUrl, ...]:
    """Several addresses, separated by spaces. Each needs a name of its own; one alone is ``main``."""
    urls = tuple(PbxUrl.parse(part) for part in text.split())
    names = [url.name for url in urls]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ConfigurationError(f"several PBX addresses are named {min(twice)}: give each its own ?name=")
    return urls


def _split(text: str) -> SplitResult:
    # The address is not repeated in any message: it holds the secret.
    example = "it looks like ami://user:secret@host:5038/?name=main"
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        raise ConfigurationError(f"the PBX address cannot be read; {example}") from None
    if parts.scheme not in PORTS:
        raise ConfigurationError(f"the PBX address must begin with ami:// or amis://; {example}")
    if not parts.hostname:
        raise ConfigurationError(f"the PBX address names no host; {example}")
    if not parts.username or not parts.password:
        raise ConfigurationError(
            f"the PBX address has no user and secret; {example} (an @, / or : in the secret is written %40, %2F, %3A)"
        )
    if parts.path not in ("", "/") or parts.fragment:
        raise ConfigurationError(f"the PBX address has something after the port; {example}")
    return parts


def _port(parts: SplitResult, name: str) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ConfigurationError(f"PBX {name}: the port must be a number from 1 to 65535")
    return port or PORTS[parts.scheme]


def _options(parts: SplitResult) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for key in options:
        if key not in OPTIONS:
            near = difflib.get_close_matches(key, OPTIONS, n=1, cutoff=0.0)[0]
            raise ConfigurationError(f"the PBX address has an unknown option {key!r}; did you mean {near!r}?")
    return options
