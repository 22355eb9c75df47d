"""Why two parties may be one: what they have in common, and how much that says. Pure.

A mobile number, a personal mail or a national id is one person's own; a desk's number, ``info@`` and a name are
shared by many, and say something only together. Two different national ids say that they are two.
Neighbours: ``store`` finds who shares something, ``service`` keeps the suggestions.
"""

from __future__ import annotations

from collections.abc import Iterator

from crm_core.contacts.finding import name_key
from crm_core.contacts.model import Party
from crm_core.duplicates.model import Reason

ENOUGH = 50
"""Two with less in common are not suggested."""
WEIGHTS = {"national_id": 90, "economic_code": 90, "name": 30, "company": 20, "birth_date": 30}
OWN, SHARED = 60, 25
"""Of a number or mail of one's own, and of one that many may share."""
COMPANY_NAME = 50
SHARED_BOXES = frozenset(("admin", "contact", "hr", "info", "mail", "office", "sale", "sales", "support", "webmaster"))


def compare(one: Party, other: Party) -> tuple[int, tuple[Reason, ...]]:
    """How much speaks for the two being one (0 to 100), and what; 0 if something speaks against it."""
    if one.kind != other.kind or _contradict(one, other):
        return 0, ()
    found = [*_numbers(one, other), *_mails(one, other), *_fields(one, other), *_names(one, other)]
    return min(100, sum(weight for _, weight in found)), tuple(reason for reason, _ in found)


def _contradict(one: Party, other: Party) -> bool:
    pairs = ((one.national_id, other.national_id), (one.economic_code, other.economic_code))
    return any(mine and theirs and mine != theirs for mine, theirs in pairs)


Weighed = Iterator[tuple[Reason, int]]


def _numbers(one: Party, other: Party) -> Weighed:
    theirs = {number.key for number in other.numbers if number.key}
    for number in one.numbers:
        if number.key in theirs:
            theirs.discard(number.key)
            own = one.kind == "company" or (number.key or "").startswith("+989") or number.kind == "mobile"
            yield Reason("number", number.raw), OWN if own else SHARED


def _mails(one: Party, other: Party) -> Weighed:
    theirs = {mail.address.lower() for mail in other.mails}
    for mail in one.mails:
        if mail.address.lower() in theirs:
            shared = mail.address.lower().partition("@")[0] in SHARED_BOXES and one.kind == "person"
            yield Reason("mail", mail.address), SHARED if shared else OWN


def _fields(one: Party, other: Party) -> Weighed:
    if one.national_id and one.national_id == other.national_id:
        yield Reason("national_id", one.national_id), WEIGHTS["national_id"]
    if one.economic_code and one.economic_code == other.economic_code:
        yield Reason("economic_code", one.economic_code), WEIGHTS["economic_code"]
    if one.birth_date and one.birth_date == other.birth_date:
        yield Reason("birth_date", one.birth_date), WEIGHTS["birth_date"]


def _names(one: Party, other: Party) -> Weighed:
    if not (key := name_key(one.name)) or key != name_key(other.name):
        return
    yield Reason("name", one.name), COMPANY_NAME if one.kind == "company" else WEIGHTS["name"]
    company = name_key(one.company_name)
    if company and company == name_key(other.company_name):
        yield Reason("company", one.company_name), WEIGHTS["company"]
