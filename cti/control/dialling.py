"""Which numbers may be dialled from the screen, by whom, how they are written for the PBX, and what the called see.

Pure. A number from outside is data: it is brought to digits (and a leading plus) or refused; nothing else of what was
typed ever reaches a dialplan or an AMI header. Feature codes (``*72``) are not dialled for anybody: on many PBXs they
forward phones and open doors. Neighbours: ``service`` asks, ``cti.live.numbers`` knows E.164.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, get_args

import msgspec
import phonenumbers
from msgspec import Meta

from cti.kernel.errors import N_, ForbiddenError, InvalidError, TooManyError
from cti.kernel.persian import latin_digits
from cti.live.profile import Profile

NumberClass = Literal["internal", "emergency", "special", "local", "mobile", "national", "international"]
CLASSES: tuple[NumberClass, ...] = get_args(NumberClass)
EVERYDAY: tuple[NumberClass, ...] = ("internal", "emergency", "local", "mobile", "national")
WORDS: Mapping[NumberClass, str] = {
    "internal": N_("extensions"),
    "emergency": N_("emergency numbers"),
    "special": N_("short and special numbers"),
    "local": N_("numbers of this city"),
    "mobile": N_("mobile numbers"),
    "national": N_("numbers of this country"),
    "international": N_("numbers abroad"),
}
SHORTEST_OUTSIDE = 7
LONGEST = 24
PREMIUM = "+98909"
"""Iran's lines that cost by the minute; phonenumbers takes them for mobiles."""
MINUTE = 60.0
_SCHEME = re.compile(r"^\s*(?:tel|callto):", re.IGNORECASE)
_WRITTEN = re.compile(r"[0-9+ \t\xa0\u202f().\-/\u200b-\u200f\u202a-\u202e\u2066-\u2069]+").fullmatch
_DIALLED = re.compile(rf"\+?[0-9]{{1,{LONGEST}}}").fullmatch
_NOT_DIALLED = re.compile(r"[^0-9+]")


class Dialling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[dialling]`` of the settings. ``roles``: what each role may dial (id of the role -> classes of numbers); a role
    that is not named may dial everyday numbers, an administrator all. ``shown``: what the called see: ``default``,
    ``queue:NAME`` or ``team:ID`` -> number. ``per_minute``: calls of one user. ``ring_seconds``: how long one's own
    phone rings. ``gone_seconds``: so long the page that carries a phone may have lost its line before it is taken for
    gone (a cut of ten seconds is to be survived); ``keep_seconds``: how long the agent's phone is then rung for whoever
    was in the call, before he goes back to the queue. ``phones``: patterns of endpoints whose make the PBX does not
    tell -> ``yealink``, ``poly`` …"""

    roles: dict[str, tuple[NumberClass, ...]] = {}
    shown: dict[str, str] = {}
    per_minute: int = 12
    ring_seconds: int = 30
    gone_seconds: Annotated[float, Meta(gt=0, le=120)] = 15.0
    keep_seconds: Annotated[int, Meta(gt=0, le=600)] = 30
    phones: dict[str, str] = {}


class Number(msgspec.Struct, frozen=True):
    """A number that may be dialled. ``digits``: as the PBX wants it; ``e164`` where it is a subscriber's."""

    digits: str
    kind: NumberClass
    e164: str | None = None


def cleaned(typed: str) -> str:
    """Digits, perhaps with a leading plus, of a number as people and pages write it. Raises ``InvalidError``."""
    text = _SCHEME.sub("", latin_digits(typed)).strip()
    digits = _NOT_DIALLED.sub("", text)
    if not _WRITTEN(text) or not _DIALLED(digits):
        raise InvalidError(N_("%(number)s is no number that can be dialled."), number=typed.strip()[:40])
    return digits


def read(typed: str, profile: Profile) -> Number:
    """What was typed, as this PBX dials it. Raises ``InvalidError``."""
    digits = cleaned(typed)
    settings = profile.settings
    plain = digits.lstrip("+")
    e164 = profile.dialled_number(digits)
    if not digits.startswith("+") and profile.is_extension(plain):
        return Number(plain, "internal")
    if e164 is None:
        kind = _short(digits, settings.region)
        return Number(plain if kind == "internal" else settings.outside_prefix + plain, kind)
    return Number(settings.outside_prefix + _national(e164, settings.region), _kind(e164, profile), e164)


def _short(digits: str, region: str) -> NumberClass:
    """What is no subscriber's: a service of the country, or a number of the PBX's own (a queue, a parking place)."""
    if phonenumbers.is_emergency_number(digits, region):
        return "emergency"
    if digits.startswith(("+", "00")):
        return "international"
    if digits.startswith("0") or len(digits) >= SHORTEST_OUTSIDE:
        return "special"
    code = phonenumbers.PhoneNumber(country_code=_country(region), national_number=int(digits))
    return "special" if phonenumbers.is_valid_short_number_for_region(code, region) else "internal"


def _country(region: str) -> int:
    code: int = phonenumbers.country_code_for_region(region)
    return code


def _kind(e164: str, profile: Profile) -> NumberClass:
    parsed = phonenumbers.parse(e164)
    if parsed.country_code != _country(profile.settings.region):
        return "international"
    if e164.startswith(PREMIUM):
        return "special"
    types = phonenumbers.PhoneNumberType
    kind = phonenumbers.number_type(parsed)
    if kind in (types.PREMIUM_RATE, types.SHARED_COST):
        return "special"
    if kind == types.MOBILE or (profile.settings.region == "IR" and e164.startswith("+989")):
        return "mobile"
    area = profile.settings.area_code.lstrip("0")
    return "local" if area and str(parsed.national_number).startswith(area) else "national"


def _national(e164: str, region: str) -> str:
    """As phones of this country dial it: ``0912…``; a number abroad with 00."""
    parsed = phonenumbers.parse(e164)
    if parsed.country_code != _country(region):
        return "00" + e164[1:]
    zero = phonenumbers.ndd_prefix_for_region(region, True) or ""
    return zero + e164[1 + len(str(parsed.country_code)) :]


def allowed(number: Number, role: str, dialling: Dialling) -> None:
    """Raise ``ForbiddenError`` unless this role may dial such numbers."""
    classes = dialling.roles.get(role, CLASSES if role == "administrator" else EVERYDAY)
    if number.kind not in classes:
        raise ForbiddenError(N_("You may not call %(field)s; an administrator can allow it."), field=WORDS[number.kind])


def shown_number(dialling: Dialling, queue: str, teams: Iterable[str]) -> str:
    """What the called see: by queue, else by team, else the default; empty: what the PBX shows."""
    keys = [f"queue:{queue}"] if queue else []
    keys += [f"team:{team}" for team in sorted(teams)]
    return next((dialling.shown[key] for key in (*keys, "default") if key in dialling.shown), "")


class PerMinute:
    """How often each user may call."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._made: dict[str, deque[float]] = {}

    def take(self, user: str, now: float) -> None:
        """Count one. Raises ``TooManyError`` with the seconds to wait."""
        made = self._made.setdefault(user, deque())
        while made and now - made[0] >= MINUTE:
            made.popleft()
        if len(made) >= self._limit:
            wait = MINUTE - (now - made[0])
            raise TooManyError(N_("That were many calls in a minute. Wait a little."), wait)
        made.append(now)
