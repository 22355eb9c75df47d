"""A row of a file made a contact or a company, or the reasons why it cannot be. Pure; runs in the reading process.

Each cell goes where the mapping says, cleaned and checked by the same code that checks a form. A cell that cannot be
used either sets its row aside or is left out, as the plan says; all that is wrong with a row is found at once.

Neighbours: ``phones`` takes numbers apart, ``crm_core.contacts.draft`` cleans, ``worker`` runs it row by row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

import msgspec

from crm_core.contacts.draft import revised
from crm_core.contacts.model import Draft, DraftNumber, Party, PartyAddress, PartyKind, PartyLink, PartyMail
from crm_core.contacts.store import Ready, ready
from crm_core.exchange.colleagues import team_of, user_of
from crm_core.exchange.columns import FIELD
from crm_core.exchange.guess import is_national_id
from crm_core.exchange.keys import MATCH_BY, MatchBy, keys_of
from crm_core.exchange.phones import phones_of, whole
from crm_core.exchange.rows import Row
from crm_core.fields.model import FieldDef
from crm_core.fields.types import read
from cti.kernel.errors import N_, InvalidError
from cti.kernel.persian import joined, latin_digits
from cti.live.numbers import e164

OnFault = Literal["set_aside", "leave_out"]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How rows become parties. ``mapping``: a target for each column. ``tags`` and ``source`` are given to each.
    ``users`` and ``teams``: ids by what they are called, as ``colleagues`` makes them."""

    mapping: tuple[str, ...]
    kind: PartyKind = "person"
    fields: tuple[FieldDef, ...] = ()
    region: str = "IR"
    area_code: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    on_fault: OnFault = "set_aside"
    match_by: tuple[MatchBy, ...] = MATCH_BY
    users: dict[str, str] = {}
    teams: dict[str, str] = {}


class Fault(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is wrong with a cell (``column`` -1: with the row). ``text`` is translated, ``values`` fill its places."""

    column: int
    text: str
    values: dict[str, str | int]


class Prepared(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """``party`` None: the row is set aside. ``cells`` are kept where there are faults, to be mended."""

    row: int
    party: Party | None
    note: str = ""
    faults: tuple[Fault, ...] = ()
    cells: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    ready: Ready | None = None
    """What the party is known by, and what it is written by: made here, where it delays nobody."""
    twin: int = 0
    """The first row of the file that is of the same person, by the keys that the plan names; 0: none."""


_SEPARATORS = re.compile("[\n;؛،,|]+")
_COMPANY = frozenset(
    map(joined, ("شرکت", "حقوقی", "سازمان", "موسسه", "company", "legal", "organization", "organisation"))
)
_YES = frozenset(map(joined, ("1", "yes", "true", "y", "x", "on", "بله", "بلی", "آری", "دارد", "✓", "✔")))
_NO = frozenset(map(joined, ("0", "no", "false", "n", "off", "خیر", "نه", "ندارد", "-")))
ROLE_WORDS = {
    joined(word): role
    for role, words in {
        "customer": ("مشتری", "خریدار", "client", "buyer"),
        "partner": ("همکار", "شریک", "شریک تجاری"),
        "supplier": ("تامین کننده", "تأمین‌کننده", "فروشنده", "vendor"),
        "donor": ("خیّر", "اهداکننده", "حامی"),
    }.items()
    for word in words
}
TIER_WORDS = {
    joined(word): tier
    for tier, words in {
        "vip": ("ویژه", "وی آی پی", "وی‌آی‌پی"), "gold": ("طلایی",), "silver": ("نقره ای", "نقره‌ای"),
        "bronze": ("برنزی",),
    }.items()
    for word in words
}  # fmt: skip
_TEXTS = ("name", "first_name", "last_name", "honorific", "company_name", "position", "language", "source")


class _Cells:
    """What a row's cells have come to so far."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.numbers: list[DraftNumber] = []
        self.mails: list[PartyMail] = []
        self.links: list[PartyLink] = []
        self.addresses: list[str] = []
        self.place: dict[str, str] = {}
        self.tags: list[str] = []
        self.roles: list[str] = []
        self.fields: dict[str, Any] = {}
        self.notes: list[str] = []
        self.extension = ""
        self.kind: PartyKind | None = None


Taker = Callable[[_Cells, str, str], None]


class Converter:
    """``row`` makes one party after another by one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        ordered = sorted(plan.fields, key=lambda one: one.kind == plan.kind)  # of two with one name, this kind's
        self._fields = {one.name: one for one in ordered}
        self._takers: list[tuple[int, str, Taker]] = [
            (n, target, self._taker(target)) for n, target in enumerate(plan.mapping) if target
        ]

    def _taker(self, target: str) -> Taker:
        if target.startswith(FIELD):
            return _field(self._fields[target.removeprefix(FIELD)])
        if target == "owner":
            return _looked_up("owner", lambda text: user_of(text, self.plan.users))
        if target == "team":
            return _looked_up("team", lambda text: team_of(text, self.plan.teams))
        return _TAKERS[target.partition(":")[0]]

    def row(self, row: Row) -> Prepared:
        faults: list[Fault] = []
        cells = _Cells()
        for column, target, take in self._takers:
            text = row.cells[column] if column < len(row.cells) else ""
            if not text:
                continue
            try:
                take(cells, target.partition(":")[2], text)
            except InvalidError as error:
                faults.append(_fault(column, error))
        party = self._party(cells, faults)
        if party is None or (faults and self.plan.on_fault == "set_aside"):
            return Prepared(row.number, None, "", tuple(faults), row.cells)
        return Prepared(
            row.number, party, "\n".join(cells.notes), tuple(faults), row.cells if faults else (),
            tuple(keys_of(party, self.plan.match_by)), ready(party),
        )  # fmt: skip

    def _party(self, cells: _Cells, faults: list[Fault]) -> Party | None:
        kind = cells.kind or self.plan.kind
        values = cells.values
        if not any(values.get(name) for name in ("name", "first_name", "last_name")):
            company = values.get("company_name", "")
            if not company:
                faults.append(Fault(self._column("name"), N_("There is no name."), {}))
                return None
            kind, values["name"] = "company", company
        for _ in range(len(_TEXTS) + 8):
            try:
                made = revised(Party(id="", kind=kind, name=""), self._draft(cells, kind), self._e164)
                return self._with_fields(made, cells.fields, faults)
            except InvalidError as error:
                at = str(error.values.get("at", ""))
                faults.append(_fault(self._column(at), error))
                if at == "name" or not _drop(cells, at):
                    return None
        return None

    def _draft(self, cells: _Cells, kind: PartyKind) -> Draft:
        given: dict[str, Any] = dict(cells.values)
        if kind == "company":
            given["name"] = given.get("name") or f"{given.get('first_name', '')} {given.get('last_name', '')}".strip()
        if cells.numbers:
            given["numbers"] = tuple(_with_extension(cells.numbers, cells.extension))
        if cells.mails:
            given["mails"] = tuple(cells.mails)
        if cells.links:
            given["links"] = tuple(cells.links)
        if cells.addresses or cells.place:
            first, *others = cells.addresses or [""]
            given["addresses"] = (PartyAddress(first, "work", **cells.place), *map(PartyAddress, others))
        if tags := (*cells.tags, *self.plan.tags):
            given["tags"] = tags
        if cells.roles:
            given["roles"] = tuple(cells.roles)
        given.setdefault("source", self.plan.source)
        return Draft(**given)

    def _with_fields(self, party: Party, values: dict[str, Any], faults: list[Fault]) -> Party:
        """The custom fields that such a party has; one that has to be filled in and is not is a fault."""
        own = {one.name: one for one in self.plan.fields if one.kind == party.kind}
        for one in own.values():
            if one.required and one.active and one.name not in values:
                faults.append(Fault(-1, N_("%(field)s: this must be filled in."), {"field": one.label("fa")}))
        kept = {name: value for name, value in values.items() if name in own}
        return msgspec.structs.replace(party, fields=kept) if kept else party

    def _e164(self, raw: str) -> str | None:
        return e164(raw, self.plan.region, self.plan.area_code)

    def _column(self, at: str) -> int:
        """The first column that fills the field; -1 if none does."""
        wanted = _FILLED_BY.get(at, (at,))
        return next((n for n, name, _ in self._takers if name.partition(":")[0] in wanted), -1)


_FILLED_BY = {
    "name": ("name", "first_name", "last_name", "company_name"),
    "numbers": ("number",),
    "mails": ("mail",),
    "links": ("link",),
    "addresses": ("address", "city", "province", "postal_code", "country"),
}


def _drop(cells: _Cells, at: str) -> bool:
    """Leave a field out that cannot be used; False if there is no such field."""
    if at in cells.values:
        del cells.values[at]
        return True
    lists: dict[str, list[Any]] = {
        "numbers": cells.numbers, "mails": cells.mails, "links": cells.links, "addresses": cells.addresses,
        "tags": cells.tags, "roles": cells.roles,
    }  # fmt: skip
    held = bool(lists.get(at) or (at == "addresses" and cells.place))
    if at in lists:
        lists[at].clear()
    if at == "addresses":
        cells.place.clear()
    return held


def _fault(column: int, error: InvalidError) -> Fault:
    return Fault(
        column, error.text, {name: v if isinstance(v, int) else str(v)[:200] for name, v in error.values.items()}
    )


def _with_extension(numbers: Sequence[DraftNumber], extension: str) -> list[DraftNumber]:
    """The extension in a column of its own belongs to the first number that is no mobile."""
    found = list(numbers)
    if extension:
        at = next((n for n, one in enumerate(found) if one.kind not in ("mobile", "fax") and not one.extension), 0)
        found[at] = msgspec.structs.replace(found[at], extension=extension)
    return found


def _field(field: FieldDef) -> Taker:
    def take(cells: _Cells, _which: str, text: str) -> None:
        value = read(field, whole(text) if field.type in ("integer", "money") else text)
        if value is not None:
            cells.fields[field.name] = value

    return take


def _text(name: str) -> Taker:
    def take(cells: _Cells, _which: str, text: str) -> None:
        cells.values[name] = text

    return take


def _looked_up(name: str, find: Callable[[str], str]) -> Taker:
    def take(cells: _Cells, _which: str, text: str) -> None:
        cells.values[name] = find(text)

    return take


def _number(cells: _Cells, which: str, text: str) -> None:
    cells.numbers += phones_of(text, which)


def _extension(cells: _Cells, _which: str, text: str) -> None:
    digits = whole(latin_digits(text)).strip()
    if not digits.isdigit() or len(digits) > 8:
        raise InvalidError(N_("«%(number)s» is no extension."), number=text[:40])
    cells.extension = digits


def _mail(cells: _Cells, _which: str, text: str) -> None:
    for part in re.split("[\\s;؛،,|]+", text.removeprefix("mailto:")):
        if not part:
            continue
        if not re.fullmatch(r"[^\s@<>\"'()]+@[^\s@<>\"'()]+\.[^\s@<>\"'()]+", address := part.strip("<>").rstrip(".")):
            raise InvalidError(
                N_("«%(address)s» is no e-mail address; write it as name@example.com."), address=part[:80]
            )
        cells.mails.append(PartyMail(address))


def _link(cells: _Cells, which: str, text: str) -> None:
    cells.links += [PartyLink(part.strip(), which or "other") for part in text.split("\n") if part.strip()]


def _address(cells: _Cells, _which: str, text: str) -> None:
    cells.addresses += [part for part in text.split("\n") if part.strip()]


def _place(name: str) -> Taker:
    def take(cells: _Cells, _which: str, text: str) -> None:
        cells.place[name] = whole(latin_digits(text)) if name == "postal_code" else text

    return take


def _tags(cells: _Cells, _which: str, text: str) -> None:
    parts = [part.strip() for part in _SEPARATORS.split(text.replace(" ::: ", "\n"))]  # as Google parts its labels
    cells.tags += [part for part in parts if part and part != "* myContacts"]


def _roles(cells: _Cells, _which: str, text: str) -> None:
    for part in _SEPARATORS.split(text):
        if part.strip():
            cells.roles.append(ROLE_WORDS.get(joined(part), part.strip()))


def _tier(cells: _Cells, _which: str, text: str) -> None:
    cells.values["tier"] = TIER_WORDS.get(joined(text), text)


def _kind(cells: _Cells, _which: str, text: str) -> None:
    cells.kind = "company" if joined(text) in _COMPANY else "person"


def _yesno(name: str) -> Taker:
    def take(cells: _Cells, _which: str, text: str) -> None:
        word = joined(text)
        if word not in _YES and word not in _NO:
            raise InvalidError(N_("«%(cell)s»: write yes or no."), cell=text[:40])
        cells.values[name] = word in _YES

    return take


def _national_id(cells: _Cells, _which: str, text: str) -> None:
    digits = re.sub(r"[\s\-]", "", whole(latin_digits(text)))
    padded = digits.zfill(10)
    cells.values["national_id"] = padded if len(digits) in (8, 9) and is_national_id(padded) else digits


def _economic_code(cells: _Cells, _which: str, text: str) -> None:
    cells.values["economic_code"] = whole(latin_digits(text))


def _birth_date(cells: _Cells, _which: str, text: str) -> None:
    cells.values["birth_date"] = text.split(" ")[0].split("T")[0] if text[:1].isdigit() else text


def _note(cells: _Cells, _which: str, text: str) -> None:
    cells.notes.append(text)


_TAKERS: dict[str, Taker] = {
    **{name: _text(name) for name in _TEXTS},
    **{name: _place(name) for name in ("city", "province", "postal_code", "country")},
    **{name: _yesno(name) for name in ("do_not_call", "do_not_sms")},
    "number": _number,
    "extension": _extension,
    "mail": _mail,
    "link": _link,
    "address": _address,
    "tags": _tags,
    "roles": _roles,
    "tier": _tier,
    "note": _note,
    "national_id": _national_id,
    "economic_code": _economic_code,
    "birth_date": _birth_date,
    "kind": _kind,
}
