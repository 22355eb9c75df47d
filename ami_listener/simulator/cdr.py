"""Call detail records of the simulated PBX: rows of ``cdr.csv`` and, if wanted, ``Cdr`` events.

As in Asterisk a call has several: one per channel that runs a dialplan and peer that it dialled,
and one for what it did after a dial that failed. They are written when the channel ends. The
columns are those that ``cdr_custom`` wrote beside the recorded streams.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ami_listener.simulator.cel import csv_line, day_and_time

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Channel
    from ami_listener.simulator.wire import Wire

USER_BUSY = 17
HEADER = (
    "linkedid,uniqueid,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec,"
    "disposition,sequence"
)


@dataclass(slots=True)
class Row:
    """One record while it grows; times are epoch seconds."""

    start: float
    dst: str
    dcontext: str
    lastapp: str = ""
    lastdata: str = ""
    dstchannel: str = ""
    answer: float | None = None
    end: float | None = None
    disposition: str = "NO ANSWER"


class Cdr:
    """``rows`` collects lines for the file while ``to_file``; events go out while ``to_ami``."""

    __slots__ = ("_open", "_sequence", "_wire", "active", "rows", "to_ami", "to_file")

    def __init__(self, wire: Wire, to_file: bool, to_ami: bool) -> None:
        self._wire = wire
        self.to_file, self.to_ami = to_file, to_ami
        self.active = to_file or to_ami
        self.rows: list[str] = []
        self._open: dict[str, list[Row]] = {}
        self._sequence = 0

    def app(self, channel: Channel, now: float) -> None:
        """The channel's dialplan runs another application."""
        if not self.active:
            return
        row = self._current(channel, now)
        row.dst, row.dcontext = channel.exten, channel.context
        row.lastapp, row.lastdata = channel.app, channel.app_data

    def dialled(self, channel: Channel, leg: Channel, now: float) -> None:
        if not self.active:
            return
        row = self._current(channel, now)
        if row.dstchannel:
            row = self._new(channel, now)
            row.lastapp, row.lastdata = channel.app, channel.app_data
        row.dstchannel = leg.name
        row.answer = row.answer or (None if channel.answered_at is None else max(channel.answered_at, row.start))

    def leg_over(self, channel: Channel, leg: Channel, disposition: str, now: float) -> None:
        """A dialled leg was answered, or ended unanswered."""
        row = next((r for r in self._open.get(channel.uniqueid, ()) if r.dstchannel == leg.name), None)
        if row is None or row.end is not None:
            return
        row.disposition = disposition
        if disposition == "ANSWERED":
            row.answer = row.answer or now
        else:
            row.end = now

    def part(self, channel: Channel, now: float) -> None:
        """The channel leaves its bridge and goes on: what follows is another record."""
        for row in self._open.get(channel.uniqueid, ()):
            row.end = row.end or now

    def join(self, channel: Channel, peer: Channel, now: float) -> None:
        """The channel, already up, is joined with somebody that it did not dial."""
        if self.active:
            self.part(channel, now)
            row = self._new(channel, now)
            row.lastapp, row.lastdata, row.dstchannel = channel.app, channel.app_data, peer.name
            row.answer, row.disposition = now, "ANSWERED"

    def finish(self, channel: Channel, now: float) -> None:
        """The channel is gone: write its records."""
        for row in self._open.pop(channel.uniqueid, ()):
            if row.end is None:
                row.end = now
            if not row.dstchannel and channel.answered_at is not None:
                row.answer, row.disposition = max(row.start, channel.answered_at), "ANSWERED"
            elif not row.dstchannel and channel.cause == USER_BUSY:
                row.disposition = "BUSY"
            self._write(channel, row)

    def _current(self, channel: Channel, now: float) -> Row:
        rows = self._open.get(channel.uniqueid)
        if rows and rows[-1].end is None:
            return rows[-1]
        return self._new(channel, now)

    def _new(self, channel: Channel, now: float) -> Row:
        rows = self._open.setdefault(channel.uniqueid, [])
        row = Row(now if rows else channel.created, channel.exten, channel.context)
        rows.append(row)
        return row

    def _write(self, c: Channel, row: Row) -> None:
        end = row.end or row.start
        billed = 0.0 if row.answer is None else max(0.0, end - row.answer)
        clid = f'"{c.cid_name}" <{c.num}>' if c.cid_name else c.num
        if self.to_file:
            self.rows.append(
                csv_line(
                    *(c.linkedid, c.uniqueid, c.num, row.dst, row.dcontext, clid, c.name, row.dstchannel),
                    *(row.lastapp, row.lastdata, f"{row.start:.6f}", f"{row.answer or 0.0:.6f}", f"{end:.6f}"),
                    *(f"{end - row.start:.6f}", f"{billed:.6f}", row.disposition, str(self._sequence)),
                )
            )
        self._sequence += 1
        if self.to_ami:
            self._wire.put("Cdr", _headers(c, row, clid, end, billed))


def _headers(c: Channel, row: Row, clid: str, end: float, billed: float) -> str:
    answer = "" if row.answer is None else day_and_time(str(row.answer))
    return (
        f"AccountCode: \r\nSource: {c.num}\r\nDestination: {row.dst}\r\nDestinationContext: {row.dcontext}\r\n"
        f"CallerID: {clid}\r\nChannel: {c.name}\r\nDestinationChannel: {row.dstchannel}\r\n"
        f"LastApplication: {row.lastapp}\r\nLastData: {row.lastdata}\r\nStartTime: {day_and_time(str(row.start))}\r\n"
        f"AnswerTime: {answer}\r\nEndTime: {day_and_time(str(end))}\r\nDuration: {int(end - row.start)}\r\n"
        f"BillableSeconds: {int(billed)}\r\nDisposition: {row.disposition}\r\nAMAFlags: DOCUMENTATION\r\n"
        f"UniqueID: {c.uniqueid}\r\nUserField: \r\n"
    )
