"""What is asked of the call log, read from an address and written back into one.

The fields are text as people type it (Persian digits, Jalali dates); what cannot be read narrows
nothing and is said. Neighbours: ``pages/calls`` shows them as chips, ``call_log.query`` takes the filter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec

from call_log.query import CallFilter
from cti.live.numbers import latin_digits
from cti.live.record import Direction, Outcome
from screenpop.presenter import shown
from web.dates import end_of, read_day, start_of
from web.format import Formats
from web.i18n import N_

FIELDS = ("number", "queue", "agent", "outcome", "direction", "from", "to", "min", "result")
OUTCOME_CHOICES: tuple[str, ...] = get_args(Outcome)
DIRECTION_CHOICES: tuple[str, ...] = get_args(Direction)
FEWEST_DIGITS = 3
DAYS_AT_FIRST = 7
"""The list begins with the last week: counting years of calls is for those who ask for it."""
_SET_THE_SPAN = ("from", "to", "number")


class Asked(msgspec.Struct, frozen=True):
    """The fields as typed, the filter that they make, and what was wrong with a field."""

    typed: dict[str, str]
    wanted: CallFilter
    problems: dict[str, str]

    def link(self, changes: Mapping[str, str | None] | None = None) -> str:
        """The address of this list with some fields changed (None takes one away)."""
        fields = {**self.typed, **(changes or {})}
        kept = {name: value for name, value in fields.items() if value}
        if not any(name in kept for name in _SET_THE_SPAN):
            kept["from"] = ""  # said aloud, or the last week would be meant
        return f"/calls?{urlencode(kept)}"

    def export(self, kind: str, calendar: str) -> str:
        """The address of this list as a file."""
        return self.link({"format": kind, "calendar": calendar}).replace("/calls?", "/calls/export?", 1)

    def news(self) -> str:
        """Where to ask what is new in this list."""
        return self.link().replace("/calls?", "/calls/news?", 1)

    @property
    def narrowed(self) -> bool:
        """True if calls may be hidden by more than the span of days."""
        return any(name not in ("from", "to") for name in self.typed)


def read(query: Mapping[str, str], formats: Formats, now: float) -> Asked:
    typed = {name: text for name in FIELDS if (text := shown(query.get(name, "")))}
    if not any(name in query for name in _SET_THE_SPAN):
        typed["from"] = formats.field(now - (DAYS_AT_FIRST - 1) * 86400)
    problems: dict[str, str] = {}
    fields: dict[str, Any] = {name: typed.get(name) for name in ("queue", "agent")}
    if fields["agent"]:
        fields["agent"] = latin_digits(fields["agent"])
    _read_number(typed, fields, problems)
    _read_choice(typed, "outcome", OUTCOME_CHOICES, fields, problems)
    _read_choice(typed, "direction", DIRECTION_CHOICES, fields, problems)
    _read_days(typed, fields, problems, formats, now)
    _read_least(typed, fields, problems)
    return Asked(typed, CallFilter(**fields), problems)


def _read_number(typed: Mapping[str, str], fields: dict[str, Any], problems: dict[str, str]) -> None:
    text = typed.get("number")
    if text is None:
        return
    if sum(c.isdigit() for c in text) < FEWEST_DIGITS:
        problems["number"] = N_("Type at least 3 digits of a number.")
    else:
        fields["number"] = text


def _read_choice(
    typed: Mapping[str, str], name: str, choices: tuple[str, ...], fields: dict[str, Any], problems: dict[str, str]
) -> None:
    value = typed.get(name)
    if value in choices:
        fields[name] = value
    elif value is not None:
        problems[name] = N_("There is no such choice.")


def _read_days(
    typed: dict[str, str], fields: dict[str, Any], problems: dict[str, str], formats: Formats, now: float
) -> None:
    for name, field, moment in (("from", "start", start_of), ("to", "end", end_of)):
        if (text := typed.get(name)) is None:
            continue
        if (day := read_day(text, now, formats.zone)) is None:
            problems[name] = N_("Write a date as 1405/09/01 or 2026-11-22.")
        else:
            fields[field] = moment(day, formats.zone)
            typed[name] = formats.field(start_of(day, formats.zone))  # however it was written


def _read_least(typed: Mapping[str, str], fields: dict[str, Any], problems: dict[str, str]) -> None:
    if (text := typed.get("min")) is None:
        return
    digits = latin_digits(text)
    if digits.isascii() and digits.isdigit():
        fields["min_seconds"] = float(digits)
    else:
        problems["min"] = N_("Write the seconds as a number.")
