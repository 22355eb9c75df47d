"""Names and numbers of the people in the simulated calls: agents and callers, Persian and English.

Numbers are Iranian and come as trunks give them: ``0912…``, ``+98912…``, ``98912…``, ``0098912…``, or a
landline with its area code; some callers withhold theirs. All are made up.
"""

from __future__ import annotations

import random
from typing import NamedTuple

AGENTS = (
    "سارا محمدی",
    "علی رضایی",
    "مریم حسینی",
    "رضا کریمی",
    "نگار احمدی",
    "امیر جعفری",
    "زهرا موسوی",
    "حسین صادقی",
    "الهام رحیمی",
    "مهدی قاسمی",
    "شیرین یوسفی",
    "کیان نوری",
)
FIRST_NAMES = (
    "محمد",
    "فاطمه",
    "حسن",
    "نرگس",
    "پویا",
    "لیلا",
    "سعید",
    "مینا",
    "بهرام",
    "آرزو",
    "کاوه",
    "پریسا",
    "جواد",
    "ژاله",
    "گلناز",
    "یاسمن",
)
LAST_NAMES = (
    "تهرانی",
    "شیرازی",
    "اکبری",
    "مرادی",
    "کاظمی",
    "نجفی",
    "طاهری",
    "پورعلی",
    "چراغی",
    "فلاح‌زاده",
    "میرزایی",
    "گودرزی",
    "یزدانی",
    "کرمانی",
)
ENGLISH_NAMES = (
    "Ali Tehrani",
    "Maryam Karimi",
    "Pars Trading Co.",
    "Hotel Abbasi",
    "John O'Neill",
    "Sina & Sons",
    "ACME Tehran",
    "Dr. Rahimi",
    "Samaneh K.",
)
MOBILE_PREFIXES = (
    "0910",
    "0911",
    "0912",
    "0913",
    "0915",
    "0917",
    "0919",
    "0921",
    "0930",
    "0935",
    "0936",
    "0938",
    "0990",
    "0901",
)
AREA_CODES = ("021", "026", "031", "041", "051", "071", "025", "011")
_REGULARS = 400
"""How many people call again and again: a contact centre knows most of its callers."""


class Person(NamedTuple):
    """A caller: number as the trunk sends it, and the name beside it (the number again if there is none)."""

    number: str
    name: str


WITHHELD = Person("anonymous", "Anonymous")


class Crowd:
    """Who calls next. Draws from the given generator only."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._regulars = [self._somebody() for _ in range(_REGULARS)]

    def caller(self) -> Person:
        """Somebody calls in: mostly known people, in whatever format the trunk likes today."""
        rng = self._rng
        draw = rng.random()
        if draw < 0.04:
            return WITHHELD
        person = rng.choice(self._regulars) if draw < 0.75 else self._somebody()
        number = self._as_sent(person.number)
        return Person(number, person.name or number)

    def number_to_call(self) -> str:
        """A number that an agent dials, the way people dial."""
        return self._rng.choice(self._regulars).number

    def _somebody(self) -> Person:
        rng = self._rng
        if rng.random() < 0.72:
            number = rng.choice(MOBILE_PREFIXES) + f"{rng.randrange(10_000_000):07d}"
        else:
            number = rng.choice(AREA_CODES) + f"{rng.randrange(20_000_000, 90_000_000):08d}"
        draw = rng.random()
        if draw < 0.35:
            return Person(number, f"{rng.choice(FIRST_NAMES)} {rng.choice(LAST_NAMES)}")
        return Person(number, rng.choice(ENGLISH_NAMES) if draw < 0.5 else "")

    def _as_sent(self, number: str) -> str:
        national = number[1:]
        forms = (number, f"+98{national}", f"98{national}", f"0098{national}")
        return self._rng.choices(forms, (0.7, 0.15, 0.08, 0.07))[0]


def agent_name(index: int) -> str:
    """The n-th agent's name; beyond the list, the names come again with a number."""
    name = AGENTS[index % len(AGENTS)]
    return name if index < len(AGENTS) else f"{name} {index // len(AGENTS) + 1}"
