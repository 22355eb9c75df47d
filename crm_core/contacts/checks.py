"""What of a party is unlikely, so that somebody may look again; nothing is refused for it. Pure.

Check digits of Iranian codes: the national ID of a person (ten digits, the last one a check digit modulo 11 of the
others weighted 10 … 2) and the national ID of a legal person (eleven digits, the last one a check of the others with
the tenth + 2 added, weighted 29 27 23 19 17 in turn). Neighbour: the pages show the warnings beside the fields.
"""

from __future__ import annotations

from crm_core.contacts.model import Party
from cti.kernel.errors import N_

_LEGAL_WEIGHTS = (29, 27, 23, 19, 17, 29, 27, 23, 19, 17)

NOT_NATIONAL = N_("The national ID does not fit its check digit; look at it again.")
NOT_LEGAL = N_("The national ID of the company does not fit its check digit; look at it again.")
NO_SUBSCRIBER = N_("One of the numbers cannot be a subscriber's, so no call will match it.")


def warnings(party: Party) -> dict[str, str]:
    """By field: what is unlikely, in English (and the key of its translation)."""
    found = {}
    if party.national_id and not (legal_id if party.kind == "company" else national_id)(party.national_id):
        found["national_id"] = NOT_LEGAL if party.kind == "company" else NOT_NATIONAL
    if any(number.key is None for number in party.numbers):
        found["numbers"] = NO_SUBSCRIBER
    return found


def national_id(code: str) -> bool:
    """True if it may be the national ID of a person. Its leading zeros may have been lost (8 digits at least)."""
    if not (code.isascii() and code.isdigit() and 8 <= len(code) <= 10):
        return False
    digits = [int(c) for c in code.zfill(10)]
    if len(set(digits)) == 1:
        return False
    rest = sum(digit * (10 - n) for n, digit in enumerate(digits[:9])) % 11
    return digits[9] == (rest if rest < 2 else 11 - rest)


def legal_id(code: str) -> bool:
    """True if it may be the national ID of a legal person."""
    if not (code.isascii() and code.isdigit() and len(code) == 11) or int(code[3:9]) == 0:
        return False
    digits = [int(c) for c in code]
    tens = digits[9] + 2
    rest = sum((digit + tens) * weight for digit, weight in zip(digits, _LEGAL_WEIGHTS, strict=False)) % 11
    return digits[10] == (0 if rest == 10 else rest)
