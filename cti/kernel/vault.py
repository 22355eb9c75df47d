"""Keeps what must be given back later (a phone's SIP secret) unreadable in the database and its backups.

The key is a file of the data folder, for the owner's eyes only; passwords of users are not kept here but hashed.
Neighbours: ``crm_core.softphones`` puts secrets in.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from cti.kernel.errors import ConfigurationError


class Vault:
    """``key``: the file; made at the first ``seal``, mode 0600."""

    def __init__(self, key: Path) -> None:
        self._key = key
        self._fernet: Fernet | None = None

    def seal(self, secret: str) -> str:
        """What may be written down in place of ``secret``. OSError if the key cannot be written."""
        return self._opened().encrypt(secret.encode()).decode("ascii")

    def open(self, sealed: str) -> str | None:
        """What was sealed; None if it was with another key (a restored database on another machine)."""
        try:
            return self._opened().decrypt(sealed.encode()).decode()
        except InvalidToken:
            return None

    def _opened(self) -> Fernet:
        if self._fernet is None:
            try:
                self._fernet = Fernet(self._key.read_bytes() if self._key.is_file() else self._made())
            except ValueError as error:
                raise ConfigurationError(f"{self._key} is no key: put the right file back") from error
        return self._fernet

    def _made(self) -> bytes:
        """A new key; of two processes that make one at the same time both take the first's."""
        self._key.parent.mkdir(parents=True, exist_ok=True)
        own = self._key.with_name(f"{self._key.name}.{os.getpid()}")
        own.touch(mode=0o600)
        own.write_bytes(Fernet.generate_key())
        try:
            os.link(own, self._key)
        except FileExistsError:
            pass
        finally:
            own.unlink()
        return self._key.read_bytes()
