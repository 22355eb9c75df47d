"""By what two parties are known to be the same: pure, and the same for a file against itself and against us.

A national ID, a mobile and a mail belong to one person. A fixed number is shared by a whole office: it is only a proof
where the name is the same too. A person's name alone proves nothing, unless whoever imports
says so.

Neighbours: ``worker`` finds a file's own duplicates by them, ``matching`` the contacts that there are already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from crm_core.contacts.model import Party, PartyNumber
from cti.kernel.persian import joined

MatchBy = Literal["national_id", "number", "mail", "name"]
MATCH_BY: tuple[MatchBy, ...] = ("national_id", "number", "mail")
"""What is compared unless somebody chose otherwise."""


def is_mobile(number: PartyNumber) -> bool:
    """True for a number that is one person's."""
    return (number.e164 or "").startswith("+989") or (number.kind == "mobile" and number.key is not None)


def sure_numbers(party: Party) -> list[str]:
    return [one.key for one in party.numbers if one.key and is_mobile(one)]


def shared_numbers(party: Party) -> list[str]:
    return [one.key for one in party.numbers if one.key and not is_mobile(one)]


def keys_of(party: Party, by: Sequence[MatchBy] = MATCH_BY) -> list[str]:
    """The surest first. Each begins with the first letter of the kind (persons are never the same as companies) and one
    that says what it is; ``matching`` asks by these."""
    keys: list[str] = []
    if "national_id" in by and party.national_id:
        keys.append(f"i{party.national_id}")
    name = joined(party.name)
    if "number" in by:
        keys += [f"n{key}" for key in sure_numbers(party)]
        keys += [f"w{key}/{name}" for key in shared_numbers(party)]
    if "mail" in by:
        keys += [f"m{mail.address.lower()}" for mail in party.mails]
    if "name" in by or party.kind == "company":  # two companies of one name are one
        keys.append(f"a{name}/{joined(party.company_name)}")
    return [f"{party.kind[0]}{key}" for key in keys]
