"""What somebody wrote of a party, cleaned and laid over what was there before. Pure.

Each text is bounded and without control characters, digits are Latin wherever a number is meant, a number is kept as
written beside what it is compared by. What cannot be is refused with the field's name in ``values["at"]`` (as the API
calls it) and its label in ``values["field"]``; what is merely unlikely is left to ``checks``.

Neighbours: ``model`` defines drafts and parties, ``service`` writes them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import jdatetime
import msgspec
import phonenumbers
from msgspec import UNSET, UnsetType

from crm_core.contacts.model import (
    ADDRESS_KINDS,
    LINK_KINDS,
    LONGEST_TEXT,
    LONGEST_URL,
    MAIL_KINDS,
    NUMBER_KINDS,
    Draft,
    DraftNumber,
    Party,
    PartyAddress,
    PartyLink,
    PartyMail,
    PartyNumber,
)
from cti.kernel.errors import N_, InvalidError
from cti.kernel.persian import fold, latin_digits
from cti.live.numbers import match_key, split_extension

E164 = Callable[[str], str | None]
"""A number as somebody wrote it -> E.164, or None."""

LINE, SHORT, CODE = 200, 40, 64
MOST_PARTS, MOST_TAGS = 50, 100
LATEST = 32_503_680_000.0  # the year 3000

TEXTS: dict[str, tuple[str, int]] = {  # field -> label, most characters
    "name": (N_("Name"), LINE),
    "first_name": (N_("First name"), LINE),
    "last_name": (N_("Last name"), LINE),
    "honorific": (N_("Title"), SHORT),
    "company_name": (N_("Company"), LINE),
    "position": (N_("Position"), LINE),
    "source": (N_("Source"), LINE),
    "language": (N_("Language"), SHORT),
}
CODES: dict[str, tuple[str, int]] = {
    "national_id": (N_("National ID"), SHORT),
    "economic_code": (N_("Economic code"), SHORT),
}
PLAIN = ("do_not_call", "do_not_sms")
IDS: dict[str, str] = {"company_id": N_("Company"), "owner": N_("Owner"), "team": N_("Team")}
LABELS: dict[str, str] = {
    **{name: label for name, (label, _) in (TEXTS | CODES).items()},
    **IDS,
    "tier": N_("Tier"),
    "birth_date": N_("Date of birth"),
    "numbers": N_("Numbers"),
    "mails": N_("E-mail"),
    "addresses": N_("Addresses"),
    "links": N_("Web and social accounts"),
    "roles": N_("Relation"),
    "tags": N_("Tags"),
    "fields": N_("Other fields"),
    "do_not_call": N_("Do not call"),
    "do_not_sms": N_("Do not send SMS"),
    "source_at": N_("First touch"),
}
"""What people call each field that can be written."""

_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, halves of letters, and the marks that turn what follows them around."""
_EDGES = " \u200b\u200c\u200d\u200e\u200f\u2060\u00ad"  # nobody sees them where nothing follows or leads
_SPACES = re.compile(r"[^\S\n]+")
_MAIL = re.compile(r"[^\s@<>\"',;()]+@[^\s@<>\"',;()]+")
_SCRIPT = re.compile(r"^\s*[a-z][a-z0-9+.\-]*:", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_PORT = re.compile(r"^[\w.\-]+:\d+(/|$)")


def refused(text: str, at: str, label: str = "", **values: object) -> InvalidError:
    """An ``InvalidError`` that says which field it is about."""
    return InvalidError(text, field=label or LABELS.get(at, at), at=at, **values)


def line(text: str, at: str, most: int, label: str = "") -> str:
    """One line of text: without what cannot be seen, its ends and runs of spaces. InvalidError: too long."""
    if not text:
        return ""
    if text.isprintable() and "  " not in text:
        found = text.strip()
    else:
        found = text if len(text) > most * 4 else " ".join(_UNSEEN.sub("", text).split()).strip(_EDGES)
    if len(found) > most:
        raise refused(N_("%(field)s: at most %(count)s characters."), at, label, count=most)
    return found


def block(text: str, at: str, most: int) -> str:
    """Several lines of text."""
    if len(text) > most * 4:
        raise refused(N_("%(field)s: at most %(count)s characters."), at, count=most)
    lines = (_SPACES.sub(" ", part).strip() for part in _UNSEEN.sub("", text).splitlines())
    found = "\n".join(lines).strip()
    if len(found) > most:
        raise refused(N_("%(field)s: at most %(count)s characters."), at, count=most)
    return found


def revised(party: Party, draft: Draft, e164: E164) -> Party:
    """``party`` with what ``draft`` says, but for its custom fields, version and times. Raises ``InvalidError``."""
    changes = dict(_texts(draft))
    for name in PLAIN:
        if (value := getattr(draft, name)) is not UNSET:
            changes[name] = value
    for name in IDS:
        if (value := getattr(draft, name)) is not UNSET:
            changes[name] = line(value, name, CODE) or None if value else None
    for name, read in _READERS.items():
        if (value := getattr(draft, name)) is not UNSET:
            changes[name] = read(value)
    if draft.numbers is not UNSET:
        changes["numbers"] = numbers(draft.numbers, e164)
    _name(party, changes)
    return msgspec.structs.replace(party, **changes) if changes else party


def _texts(draft: Draft) -> Iterable[tuple[str, Any]]:
    for name, (_, most) in TEXTS.items():
        if (value := getattr(draft, name)) is not UNSET:
            yield name, line(value, name, most)
    for name, (_, most) in CODES.items():
        if (value := getattr(draft, name)) is not UNSET:
            yield name, latin_digits(line(value, name, most)).replace(" ", "")


def _name(party: Party, changes: dict[str, Any]) -> None:
    """The name that is shown, made of its parts where it is not given."""
    parts = party.kind == "person" and ("first_name" in changes or "last_name" in changes)
    if parts and not changes.get("name"):
        first = changes.get("first_name", party.first_name)
        last = changes.get("last_name", party.last_name)
        changes["name"] = f"{first} {last}".strip()[:LINE]
    elif "name" in changes and not parts and changes["name"] != party.name:
        changes["first_name"] = changes["last_name"] = ""
    if not changes.get("name", party.name):
        raise refused(N_("%(field)s: this must be filled in."), "name")
    _company(party, changes)
    if party.kind == "company":
        changes["company_id"], changes["company_name"] = None, ""
        changes["first_name"] = changes["last_name"] = ""


def _company(party: Party, changes: dict[str, Any]) -> None:
    """An id decides, and the name follows it; a name alone means the company of that name."""
    if changes.get("company_id") is not None:
        changes.pop("company_name", None)
    elif "company_name" in changes:
        name = changes["company_name"]
        same = name and fold(name) == fold(party.company_name) and "company_id" not in changes
        changes["company_id"] = party.company_id if same else None
    elif "company_id" in changes:
        changes["company_name"] = ""


def numbers(given: Iterable[DraftNumber], e164: E164) -> tuple[PartyNumber, ...]:
    """The numbers, each once. Raises ``InvalidError``."""
    found: dict[tuple[str, str], PartyNumber] = {}
    for one in given:
        if (made := number(one, e164)) is not None:
            found.setdefault((made.key or made.raw, made.extension), made)
    if len(found) > MOST_PARTS:
        raise refused(N_("%(field)s: at most %(count)s."), "numbers", count=MOST_PARTS)
    return tuple(found.values())


def number(one: DraftNumber, e164: E164) -> PartyNumber | None:
    """One number with what it is compared by; None for an empty one."""
    raw = latin_digits(line(one.raw, "numbers", CODE))
    extension = latin_digits(line(one.extension, "numbers", SHORT))
    if not extension:
        raw, extension = split_extension(raw)
    if not raw:
        return None
    if not any(c.isdigit() for c in raw):
        raise refused(N_("«%(number)s» is no phone number: it has no digits."), "numbers", number=raw)
    full = e164(raw)
    kind = _kind(one.kind, NUMBER_KINDS, "numbers") if one.kind else _number_kind(full)
    return PartyNumber(
        raw=raw,
        kind=kind,
        e164=full,
        key=match_key(raw, full),
        extension=extension,
        label=line(one.label, "numbers", LINE),
    )


def _number_kind(full: str | None) -> str:
    if full is None:
        return "other"
    return "mobile" if full.startswith("+989") else _foreign_kind(full)


@lru_cache(maxsize=4096)
def _foreign_kind(full: str) -> str:
    mobile = phonenumbers.number_type(phonenumbers.parse(full)) == phonenumbers.PhoneNumberType.MOBILE
    return "mobile" if mobile else "work"


def _kind(kind: str, known: tuple[str, ...], at: str) -> str:
    name = kind.strip().lower() or "other"
    if name not in known:
        raise refused(
            N_("%(field)s: there is no kind «%(kind)s»; one of %(kinds)s."),
            at,
            kind=name[:SHORT],
            kinds=", ".join(known),
        )
    return name


def _mails(given: tuple[PartyMail, ...]) -> tuple[PartyMail, ...]:
    found: dict[str, PartyMail] = {}
    for one in given:
        address = latin_digits(line(one.address, "mails", LINE))
        if not address:
            continue
        if not _MAIL.fullmatch(address):
            raise refused(
                N_("«%(address)s» is no e-mail address; write it as name@example.com."), "mails", address=address
            )
        found.setdefault(address.lower(), PartyMail(address, _kind(one.kind, MAIL_KINDS, "mails")))
    return _few(tuple(found.values()), "mails")


def _addresses(given: tuple[PartyAddress, ...]) -> tuple[PartyAddress, ...]:
    found = []
    for one in given:
        made = PartyAddress(
            text=block(one.text, "addresses", LONGEST_TEXT),
            kind=_kind(one.kind, ADDRESS_KINDS, "addresses"),
            city=line(one.city, "addresses", LINE),
            province=line(one.province, "addresses", LINE),
            postal_code=latin_digits(line(one.postal_code, "addresses", SHORT)),
            country=line(one.country, "addresses", SHORT),
        )
        if made.text or made.city or made.province or made.postal_code:
            found.append(made)
    return _few(tuple(dict.fromkeys(found)), "addresses")


def _links(given: tuple[PartyLink, ...]) -> tuple[PartyLink, ...]:
    found = []
    for one in given:
        value, kind = line(one.value, "links", LONGEST_URL), _kind(one.kind, LINK_KINDS, "links")
        if not value:
            continue
        if _SCRIPT.match(value) and not _WEB.fullmatch(value) and not _PORT.match(value):
            raise refused(N_("«%(link)s»: only addresses that begin with http:// or https://, or a name."), "links",
                          link=value[:80])  # fmt: skip
        found.append(PartyLink(value, kind))
    return _few(tuple(dict.fromkeys(found)), "links")


def _few(found: tuple[Any, ...], at: str) -> tuple[Any, ...]:
    if len(found) > MOST_PARTS:
        raise refused(N_("%(field)s: at most %(count)s."), at, count=MOST_PARTS)
    return found


def tags(given: Iterable[str]) -> tuple[str, ...]:
    """Each tag once, whatever its spelling."""
    found: dict[str, str] = {}
    for text in given:
        if tag := line(text, "tags", LINE).lstrip("# "):
            found.setdefault(fold(tag), tag)
    if len(found) > MOST_TAGS:
        raise refused(N_("%(field)s: at most %(count)s."), "tags", count=MOST_TAGS)
    return tuple(found.values())


def _roles(given: Iterable[str]) -> tuple[str, ...]:
    cleaned = (line(role, "roles", SHORT).lower() for role in given)
    return _few(tuple(dict.fromkeys(role for role in cleaned if role)), "roles")


def _tier(given: str) -> str:
    return line(given, "tier", SHORT).lower()


def _birth_date(given: str) -> str:
    """As ``YYYY-MM-DD``. A year before 1700 is a Jalali one: nobody is that old."""
    text = latin_digits(line(given, "birth_date", SHORT))
    if not text:
        return ""
    try:
        year, month, day = map(int, _DATE.fullmatch(text).groups())  # type: ignore[union-attr]
        date = jdatetime.date(year, month, day).togregorian() if year < 1700 else dt.date(year, month, day)
    except (AttributeError, ValueError):
        raise refused(N_("%(field)s: write a date, such as 1405/09/01 or 2026-11-22."), "birth_date") from None
    return str(date.isoformat())


def _source_at(given: float | None) -> float | None:
    if given is not None and not 0 <= given <= LATEST:
        raise refused(N_("%(field)s: that moment cannot be."), "source_at")
    return given


_READERS: dict[str, Callable[[Any], Any]] = {
    "tier": _tier,
    "source_at": _source_at,
    "birth_date": _birth_date,
    "mails": _mails,
    "addresses": _addresses,
    "links": _links,
    "roles": _roles,
    "tags": tags,
}

WRITABLE = Draft.__struct_fields__
"""The fields of a party that a draft may change."""


def given(draft: Draft) -> dict[str, Any]:
    """What the draft says, by field."""
    return {name: value for name in WRITABLE if not isinstance(value := getattr(draft, name), UnsetType)}
