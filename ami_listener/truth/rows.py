"""Rows of CEL and CDR in one neutral form, whatever file or table they came from.

Field names vary with the form (``eventtime``, ``calldate``, ``start``); ``cel_row`` and ``cdr_row`` take a
mapping of whatever names the source has. Times become epoch seconds: a plain number is one already, a date
and time is local to the PBX's time zone, which the source has to be told.

Sources: Asterisk's CEL specification, ``cel_custom.conf.sample``, ``cdr_custom.conf.sample``; FreePBX's tables.
Neighbours: ``csvfiles`` and ``database`` make rows, ``channels`` and ``cdr_calls`` read them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ami_listener.channel_names import channel_name


class CelRow(msgspec.Struct, frozen=True, gc=False):
    """One event of one channel. ``extra`` is what CEL adds to some events, as JSON text."""

    type: str
    at: float
    channel: str
    uniqueid: str
    linkedid: str
    number: str = ""
    name: str = ""
    exten: str = ""
    context: str = ""
    app: str = ""
    data: str = ""
    peer: str = ""
    extra: str = ""


class CdrRow(msgspec.Struct, frozen=True, gc=False):
    """What one channel did with one other. ``answer`` None: not answered. ``linkedid`` may be ``""``."""

    start: float
    end: float
    channel: str
    uniqueid: str
    answer: float | None = None
    dstchannel: str = ""
    linkedid: str = ""
    src: str = ""
    dst: str = ""
    name: str = ""
    app: str = ""
    data: str = ""
    disposition: str = ""
    billsec: float = 0.0


class Rows(msgspec.Struct, frozen=True):
    """All that a source has on some period. ``fine``: its times have fractions of a second."""

    cel: Sequence[CelRow]
    cdr: Sequence[CdrRow]

    @property
    def fine(self) -> bool:
        times = [r.at for r in self.cel] or [r.start for r in self.cdr]
        return any(at % 1 for at in times)


class Moments:
    """Reads times; ``zone`` is where the PBX's clock hangs. ``ahead``: how many seconds it is ahead of ours."""

    def __init__(self, zone: dt.tzinfo, ahead: float = 0.0) -> None:
        self._zone, self._ahead = zone, ahead

    def read(self, value: Any) -> float | None:
        """Epoch seconds by our clock, or None where nothing is given. Raises ``ValueError`` for anything else."""
        if value is None or value == "":
            return None
        if isinstance(value, str):
            value = _number(value) if _looks_like_number(value) else dt.datetime.fromisoformat(value.strip())
        if isinstance(value, dt.datetime):
            value = (value if value.tzinfo else value.replace(tzinfo=self._zone)).timestamp()
        at = float(value)
        return at - self._ahead if at > 0 else None

    def local(self, at: float) -> dt.datetime:
        """Our epoch seconds as the PBX writes them: local, without a zone."""
        return dt.datetime.fromtimestamp(at + self._ahead, self._zone).replace(tzinfo=None)


def _looks_like_number(text: str) -> bool:
    return text.strip().replace(".", "", 1).isdigit()


def _number(text: str) -> float:
    return float(text)


def cel_row(given: Mapping[str, Any], moments: Moments) -> CelRow | None:
    """A row of CEL, or None if it has no time or no channel (a line of something else)."""
    at = moments.read(given.get("eventtime"))
    channel, uniqueid = _channel(given, "channame", "channel"), _text(given, "uniqueid")
    if at is None or not uniqueid or not channel:
        return None
    return CelRow(
        type=_text(given, "eventtype").upper().removeprefix("AST_CEL_"),
        at=at,
        channel=channel,
        uniqueid=uniqueid,
        linkedid=_text(given, "linkedid") or uniqueid,
        number=_text(given, "cid_num"),
        name=_text(given, "cid_name"),
        exten=_text(given, "exten"),
        context=_text(given, "context"),
        app=_text(given, "appname"),
        data=_text(given, "appdata"),
        peer=_text(given, "peer"),
        extra=_text(given, "extra", "eventextra"),
    )


def cdr_row(given: Mapping[str, Any], moments: Moments) -> CdrRow | None:
    """A row of CDR, or None if it has no time or no channel. A table without ``end`` tells it by the duration."""
    start = moments.read(given.get("start") or given.get("calldate"))
    channel = _channel(given, "channel")
    if start is None or not channel:
        return None
    duration, billsec = (_seconds(given.get(name)) for name in ("duration", "billsec"))
    end = moments.read(given.get("end")) or start + duration
    answer = moments.read(given.get("answer"))
    disposition = _text(given, "disposition").upper().replace("_", " ")
    if answer is None and disposition == "ANSWERED":
        answer = end - billsec
    return CdrRow(
        start=start,
        end=end,
        channel=channel,
        uniqueid=_text(given, "uniqueid"),
        answer=answer,
        dstchannel=_channel(given, "dstchannel"),
        linkedid=_text(given, "linkedid"),
        src=_text(given, "src"),
        dst=_text(given, "did") or _text(given, "dst"),
        name=_name(_text(given, "clid")),
        app=_text(given, "lastapp"),
        data=_text(given, "lastdata"),
        disposition=disposition,
        billsec=billsec,
    )


def _text(given: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = given.get(name)
        if value is not None and value != "":
            return str(value)
    return ""


def _channel(given: Mapping[str, Any], *names: str) -> str:
    """The name of a channel; ``""`` if there is none, or what stands there cannot be one."""
    name = _text(given, *names)
    try:
        return channel_name(name).name and name
    except ValueError:
        return ""


def _seconds(value: Any) -> float:
    try:
        return float(value or 0)
    except ValueError:
        return 0.0


def _name(clid: str) -> str:
    """The name of ``"Ali" <0912…>``; ``""`` if there is only a number."""
    name, bracket, _ = clid.rpartition("<")
    return name.strip().strip('"') if bracket else ""
