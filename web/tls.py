"""HTTPS and WSS: the certificate that the server shows, taken up anew when its files change.

Neighbours: ``cti.app.tls`` says which certificate, ``server`` serves with it, ``guard`` answers for its names.
"""

from __future__ import annotations

import logging
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from cti.kernel.certificates import names_of, read_certificate, signed_by
from cti.kernel.errors import ConfigurationError

log = logging.getLogger(__name__)


@dataclass
class Tls:
    """``certificate``: the PEM chain. ``key``: its key, None if it stands in the same file. ``authority``: our own
    root, if there is one, which devices may fetch as ``/ca.crt``."""

    certificate: Path
    key: Path | None = None
    authority: Path | None = None
    context: ssl.SSLContext = field(init=False)
    names: frozenset[str] = field(init=False)
    trusted: bool = field(init=False)
    """False if our own root signed it: then browsers are not told to insist on HTTPS."""

    _loaded: tuple[object, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        """ConfigurationError if the files cannot be used."""
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.set_alpn_protocols(["http/1.1"])
        self._load()

    def refresh(self) -> bool:
        """Take up the files if they have changed; connections that come from now on get the new ones. True if so.
        What cannot be used is logged, and the old certificate stays."""
        if self._stamp() == self._loaded:
            return False
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(*self._files(), password=_no_password)
            self._load()
        except (ConfigurationError, OSError, ssl.SSLError) as error:
            self._loaded = self._stamp()
            log.error("TLS: the new certificate is not used: %s", error)
            return False
        log.info("TLS: a new certificate is used, for %s", ", ".join(sorted(self.names)))
        return True

    def _load(self) -> None:
        certificate = read_certificate(self.certificate)
        try:
            self.context.load_cert_chain(*self._files(), password=_no_password)
        except OSError as error:  # ssl.SSLError is one too
            raise ConfigurationError(f"{_why(error)} ({self.certificate}, {self.key or self.certificate})") from error
        self.names = frozenset(names_of(certificate))
        self.trusted = self.authority is None or not signed_by(certificate, self.authority)
        self._loaded = self._stamp()

    def _files(self) -> tuple[Path, Path | None]:
        return self.certificate, self.key

    def _stamp(self) -> tuple[object, ...]:
        return tuple(_changed(path) for path in self._files() if path is not None)


def _no_password() -> str:
    raise ConfigurationError("the TLS key is protected by a passphrase; give one without")


def _why(error: OSError) -> str:
    if not isinstance(error, ssl.SSLError):
        return f"the TLS key cannot be read: {error.strerror}"
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the TLS key is not that of the certificate"
    return f"the TLS certificate or key cannot be used: {error.reason or error}"


def _changed(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino
