"""Passwords: hashed with argon2 beside the loop, checked in the same time whether the login exists or not.

Neighbours: ``sessions`` checks, ``service`` sets.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from cti.kernel.errors import N_, InvalidError
from cti.live.numbers import latin_digits

SHORTEST, LONGEST = 10, 256
AT_ONCE = 2
"""Hashes at work at the same time: each takes 64 MiB and a core for a tenth of a second (RFC 9106 §4)."""

_hasher = PasswordHasher()
_COMMON = ("password", "qwertyuiop", "asdfghjkl", "iloveyou", "administrator", "letmein", "welcome", "tamas")
_ONE_TIME = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another


class Passwords:
    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hashed(self, password: str) -> str:
        """What is kept of ``password``."""
        async with self._turn:
            return await asyncio.to_thread(_hasher.hash, folded(password))

    async def right(self, kept: str | None, password: str) -> bool:
        """True if ``kept`` was made of ``password``. None, empty (no such login, no password): False as late."""
        async with self._turn:
            return await asyncio.to_thread(_right, kept, folded(password)) and bool(kept)


def folded(password: str) -> str:
    """The same keys pressed on another layout or system give the same password: digits and composed letters."""
    return unicodedata.normalize("NFC", latin_digits(password))


def checked(password: str, login: str) -> str:
    """``password`` if it may be used for ``login``. InvalidError says what to change."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidError(
            N_("password: %(least)d to %(most)d characters; several words are easy to remember."),
            least=SHORTEST,
            most=LONGEST,
        )
    plain = folded(password).casefold()
    if (login and login in plain) or len(set(plain)) < 5 or plain.strip("0123456789.!@#_-") in (*_COMMON, ""):
        raise InvalidError(N_("password: this one is among the first that are tried; take several words."))
    return password


def one_time() -> str:
    """A password to be changed at the first sign-in: 60 bits, easy to read out and to type."""
    return "-".join("".join(secrets.choice(_ONE_TIME) for _ in range(4)) for _ in range(3))


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex())


def _right(kept: str | None, password: str) -> bool:
    try:
        return _hasher.verify(kept or _nobodys(), password)
    except (Argon2Error, InvalidHashError):
        return False
