"""vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350), many in a file, read card by card into the columns below.

Telephones write all three, often wrongly: quoted-printable that breaks lines, charsets per property, missing ends.
What has several values stands in one cell, a line each. Pictures and sounds are left out.

Neighbours: ``encoding`` guesses the file's, ``reading`` opens it, ``columns`` knows these columns by their names.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from crm_core.exchange.encoding import checked, encoding_of
from crm_core.exchange.rows import Choices, Limits, Row, Table, clean
from cti.kernel.errors import N_, InvalidError

COLUMNS = (
    "Full name", "First name", "Last name", "Honorific", "Company", "Position", "Mobile", "Work phone", "Home phone",
    "Fax", "Phone", "E-mail", "Address", "City", "Province", "Postal code", "Country", "Website", "Tags", "Birth date",
    "Note",
)  # fmt: skip
_AT = {name: n for n, name in enumerate(COLUMNS)}
_LARGE = frozenset(("PHOTO", "LOGO", "SOUND", "KEY"))
MOST_LINES = 5_000
"""More lines in one card, pictures apart, are no contact."""
_ESCAPED = re.compile(r"\\([\\;,:nN])")
_PARTS = re.compile(r"(?<!\\)(?:\\\\)*;")


def open_vcards(path: Path, choices: Choices, limits: Limits) -> Table:
    """Raises ``InvalidError`` for a line without end; a card that breaks off is given as far as it goes."""
    encoding = checked(choices.encoding) if choices.encoding else encoding_of(path)
    rows = _rows(path, encoding, limits)
    return Table("vcard", Choices(encoding=encoding, header=0), COLUMNS, rows)


def _rows(path: Path, encoding: str, limits: Limits) -> Iterator[Row]:
    for number, card in enumerate(_cards(_unfolded(path, encoding, limits)), 1):
        if number > limits.rows:
            raise InvalidError(N_("The file has more than %(count)s rows; import it in parts."), count=limits.rows)
        cells = _cells(card, encoding)
        if any(cells):
            yield Row(number, cells)


def _unfolded(path: Path, encoding: str, limits: Limits) -> Iterator[str]:
    """Lines put together: a blank continues a line, and so does ``=`` at the end of quoted-printable ones."""
    waiting, soft, dropped = "", False, False
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        while raw := file.readline(limits.line):
            if len(raw) >= limits.line:
                raise InvalidError(
                    N_("A line of the file is longer than %(count)s characters; it is no table."), count=limits.line
                )
            line = raw.rstrip("\r\n")
            if soft or line[:1] in (" ", "\t"):
                if not dropped and len(waiting) < limits.line:
                    waiting += line if soft else line[1:]
            else:
                yield waiting
                waiting = line
                dropped = _name(line) in _LARGE
            soft = waiting.endswith("=") and "QUOTED-PRINTABLE" in waiting.partition(":")[0].upper()
            if soft:
                waiting = waiting[:-1]
    yield waiting


def _cards(lines: Iterator[str]) -> Iterator[list[str]]:
    card: list[str] | None = None
    for line in lines:
        mark = line.strip().upper()
        if mark in ("BEGIN:VCARD", "END:VCARD"):
            if card:
                yield card
            card = [] if mark == "BEGIN:VCARD" else None
        elif card is not None and line and len(card) < MOST_LINES and _name(line) not in _LARGE:
            card.append(line)
    if card:
        yield card


def _name(line: str) -> str:
    return re.split("[;:]", line, maxsplit=1)[0].rpartition(".")[2].strip().upper()


class _Property:
    """One line taken apart: its name, its parameters in capitals, and its text."""

    def __init__(self, line: str, encoding: str) -> None:
        head, _, self.text = _split(line)
        self.name = _name(line)
        words = [word.strip().strip('"') for word in head.split(";")[1:]]
        self.words = frozenset(
            part.strip().upper() for word in words for part in word.rpartition("=")[2].strip('"').split(",")
        )
        charset = next((word[8:] for word in words if word.upper().startswith("CHARSET=")), encoding)
        if "QUOTED-PRINTABLE" in self.words:
            self.text = _decoded(quopri.decodestring(self.text.encode(encoding, "replace")), charset)
        elif self.words & {"BASE64", "B"} and self.name != "TEL":
            self.text = _from_base64(self.text, charset)

    def parts(self) -> list[str]:
        """The fields of N, ADR and ORG."""
        return [_plain(part) for part in _apart(self.text, ";")]


def _split(line: str) -> tuple[str, str, str]:
    """At the colon that ends the parameters: one within quotation marks does not."""
    quoted = False
    for n, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            return line[:n], ":", line[n + 1 :]
    return line.partition(":")


def _apart(text: str, separator: str) -> list[str]:
    """Split where the separator is not escaped."""
    parts, now, escaped = [], "", False
    for letter in text:
        if letter == separator and not escaped:
            parts.append(now)
            now = ""
        else:
            now += letter
        escaped = letter == "\\" and not escaped
    return [*parts, now]


def _plain(text: str) -> str:
    return clean(_ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text))


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def _from_base64(text: str, charset: str) -> str:
    try:
        return _decoded(binascii.a2b_base64(text.encode("ascii", "ignore")), charset)
    except binascii.Error:
        return text


def _cells(card: list[str], encoding: str) -> tuple[str, ...]:
    cells = [""] * len(COLUMNS)
    for line in card:
        one = _Property(line, encoding)
        taker = _TAKERS.get(one.name)
        for column, text in taker(one) if taker else ():
            _put(cells, column, text)
    return tuple(cells)


def _put(cells: list[str], column: str, text: str) -> None:
    """A second value goes under the first; of what there can be only one, the first stays."""
    text, at = clean(text), _AT[column]
    if not text:
        return
    if not cells[at]:
        cells[at] = text
    elif column in _MANY and text not in cells[at].split("\n"):
        cells[at] += "\n" + text


_MANY = frozenset(
    ("Mobile", "Work phone", "Home phone", "Fax", "Phone", "E-mail", "Address", "Website", "Tags", "Note")
)

Taken = list[tuple[str, str]]
Taker = Callable[[_Property], Taken]


def _n(one: _Property) -> Taken:
    last, first, middle, prefix, *_ = [*one.parts(), "", "", "", ""]
    return [("Last name", last), ("First name", f"{first} {middle}".strip()), ("Honorific", prefix)]


def _tel(one: _Property) -> Taken:
    text = _plain(one.text).removeprefix("tel:").replace(";ext=", " ext ")
    if "FAX" in one.words:
        return [("Fax", text)]
    if one.words & {"CELL", "MOBILE", "IPHONE"}:
        return [("Mobile", text)]
    return [("Work phone" if "WORK" in one.words else "Home phone" if "HOME" in one.words else "Phone", text)]


def _adr(one: _Property) -> Taken:
    box, extended, street, city, province, code, country, *_ = [*one.parts(), *[""] * 7]
    text = " ".join(filter(None, (street, extended, box))).replace("\n", " ")
    return [
        ("Address", text or city),
        ("City", city),
        ("Province", province),
        ("Postal code", code),
        ("Country", country),
    ]


def _org(one: _Property) -> Taken:
    return [("Company", one.parts()[0])]


def _mail(one: _Property) -> Taken:
    return [("E-mail", _plain(one.text).removeprefix("mailto:"))]


def _tags(one: _Property) -> Taken:
    return [("Tags", _plain(part)) for part in _apart(one.text, ",")]


def _text(column: str) -> Taker:
    return lambda one: [(column, _plain(one.text))]


_TAKERS: dict[str, Taker] = {
    "FN": _text("Full name"),
    "N": _n,
    "TEL": _tel,
    "ADR": _adr,
    "ORG": _org,
    "EMAIL": _mail,
    "CATEGORIES": _tags,
    "TITLE": _text("Position"),
    "URL": _text("Website"),
    "BDAY": lambda one: [("Birth date", _plain(one.text)[:10])],
    "NOTE": _text("Note"),
}
