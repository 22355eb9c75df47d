"""The second step: codes of an authenticator app (RFC 6238), each taken once, and recovery codes for a lost phone.

Neighbours: ``sessions`` asks for the code, ``second_step`` switches it on and off.
"""

from __future__ import annotations

import hmac
import secrets

import pyotp

from cti.live.numbers import latin_digits

STEP_SECONDS = 30
ISSUER = "Tamas"
RECOVERY_CODES = 10
_RECOVERY = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """160 bits, as RFC 4226 §4 wants them."""
    return pyotp.random_base32()


def uri(secret: str, login: str) -> str:
    """What the QR code for the app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def plain(code: str) -> str:
    """A code as it was meant: Persian digits, spaces and dashes do not count."""
    return "".join(latin_digits(code[:100]).split()).replace("-", "").lower()


def step_of(secret: str, code: str, now: float, after: int) -> int | None:
    """The time step whose code this is, one step early or late at most; None if it is wrong or not ``after`` the last
    one taken: whoever looks over a shoulder cannot use it again (RFC 6238 §5.2)."""
    present = int(now) // STEP_SECONDS
    generator = pyotp.TOTP(secret)
    found = None
    for step in (present - 1, present, present + 1):
        right = hmac.compare_digest(generator.at(step * STEP_SECONDS).encode(), plain(code).encode())
        if right and step > after:
            found = step
    return found


def recovery_codes() -> tuple[str, ...]:
    """Ten codes of 50 bits, each good for one sign-in."""
    halves = ("".join(secrets.choice(_RECOVERY) for _ in range(5)) for _ in range(2 * RECOVERY_CODES))
    return tuple(f"{half}-{next(halves)}" for half in halves)
