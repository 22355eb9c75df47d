"""Contacts as vCard 3.0 (RFC 2426): what phones, mail programs and other CRMs take in. Pure.

Neighbours: ``vcard_file`` reads it back; ``export`` gives the contacts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crm_core.contacts.model import Party, PartyAddress

MEDIA = "text/vcard; charset=utf-8"
_FOLDED = 74
"""Octets of a line, without the blank that begins the next (RFC 2426, section 2.6)."""
_TYPES = {"mobile": "CELL", "work": "WORK,VOICE", "home": "HOME,VOICE", "fax": "FAX", "other": "VOICE"}
_SPECIAL = re.compile(r"([\\;,])")
_UNFIT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


def vcard(party: Party) -> bytes:
    """One card."""
    return b"".join(_fold(line) for line in ("BEGIN:VCARD", "VERSION:3.0", *_lines(party), "END:VCARD"))


def _text(value: str) -> str:
    return _SPECIAL.sub(r"\\\1", _UNFIT.sub(" ", value)).replace("\n", r"\n")


def _lines(party: Party) -> Iterator[str]:
    yield f"UID:{_text(party.id)}"
    yield f"FN:{_text(party.name)}"
    yield f"N:{';'.join(map(_text, _name(party)))};"
    company = party.name if party.kind == "company" else party.company_name
    if company:
        yield f"ORG:{_text(company)}"
    if party.kind == "company":
        yield "X-ABSHOWAS:COMPANY"
    yield from _one("TITLE", party.position)
    for number in party.numbers:
        extension = f" ext {number.extension}" if number.extension else ""
        yield f"TEL;TYPE={_TYPES.get(number.kind, 'VOICE')}:{_text((number.e164 or number.raw) + extension)}"
    yield from (f"EMAIL;TYPE=INTERNET:{_text(mail.address)}" for mail in party.mails)
    yield from map(_address, party.addresses)
    yield from (f"URL:{_text(link.value)}" for link in party.links)
    yield from _one("CATEGORIES", ",".join(map(_text, party.tags)), plain=True)
    yield from _one("BDAY", party.birth_date)


def _name(party: Party) -> tuple[str, str, str, str]:
    if party.kind == "company" or not (party.first_name or party.last_name):
        return ("" if party.kind == "company" else party.name), "", "", party.honorific
    return party.last_name, party.first_name, "", party.honorific


def _address(one: PartyAddress) -> str:
    kind = "HOME" if one.kind == "home" else "WORK"
    parts = ("", "", one.text, one.city, one.province, one.postal_code, one.country)
    return f"ADR;TYPE={kind}:{';'.join(map(_text, parts))}"


def _one(name: str, value: str, plain: bool = False) -> Iterable[str]:
    return [f"{name}:{value if plain else _text(value)}"] if value else []


def _fold(line: str) -> bytes:
    """Longer lines go on behind a blank; no letter is cut in two."""
    data, parts = line.encode("utf-8", "replace"), []
    while len(data) > _FOLDED:
        end = _FOLDED
        while data[end] & 0xC0 == 0x80:
            end -= 1
        parts.append(data[:end])
        data = data[end:]
    return b"\r\n ".join([*parts, data]) + b"\r\n"
