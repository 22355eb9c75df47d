"""Channel event log of the simulated PBX: rows of ``cel.csv`` and, if wanted, ``CEL`` events.

The columns are those that ``cel_custom`` wrote beside the recorded streams (``tests/fixtures/ami``),
times as epoch seconds with microseconds, UTC. A row costs nothing while nobody wants it.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ami_listener.simulator.channel import Bridge, Channel
    from ami_listener.simulator.wire import Wire

HEADER = "eventtype,eventtime,cid_num,cid_name,exten,context,channame,appname,appdata,uniqueid,linkedid,peer,extra"


def csv_line(*fields: str) -> str:
    """All fields quoted, as Asterisk's CSV_QUOTE does."""
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields)


def day_and_time(stamp: str) -> str:
    """``1795310984.983`` as ``2026-11-22 01:29:44`` (UTC), the way events write it."""
    return dt.datetime.fromtimestamp(float(stamp), dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def bridge_extra(bridge: Bridge) -> str:
    return f'{{"bridge_id":"{bridge.uniqueid}","bridge_technology":"{bridge.technology}"}}'


class Cel:
    """``rows`` collects lines for the file while ``to_file``; events go out while ``to_ami``."""

    __slots__ = ("_wire", "active", "rows", "to_ami", "to_file")

    def __init__(self, wire: Wire, to_file: bool, to_ami: bool) -> None:
        self._wire = wire
        self.to_file, self.to_ami = to_file, to_ami
        self.active = to_file or to_ami
        self.rows: list[str] = []

    def put(self, event: str, c: Channel, peer: str = "", extra: str = "") -> None:
        if not self.active:
            return
        stamp = self._wire.stamp()
        if self.to_file:
            who = (c.num, c.cid_name, c.exten, c.context, c.name, c.app, c.app_data, c.uniqueid, c.linkedid)
            self.rows.append(csv_line(event, stamp, *who, peer, extra))
        if self.to_ami and "CEL" not in self._wire.skip:
            self._wire.put("CEL", _headers(event, c, stamp, peer, extra))

    def bridge(self, event: str, channel: Channel, bridge: Bridge) -> None:
        """BRIDGE_ENTER or BRIDGE_EXIT, with those who are in it besides."""
        if self.active:
            peers = ",".join(c.name for c in bridge.members if c is not channel)
            self.put(event, channel, peers, bridge_extra(bridge))

    def hangup(self, channel: Channel, source: str, last_of_linkedid: bool) -> None:
        """HANGUP and CHAN_END, and LINKEDID_END with the last channel of the linkedid."""
        if not self.active:
            return
        extra = {
            "hangupcause": channel.cause,
            "hangupsource": source,
            "dialstatus": channel.variables.get("DIALSTATUS", ""),
        }
        self.put("HANGUP", channel, "", json.dumps(extra, separators=(",", ":")))
        self.put("CHAN_END", channel)
        if last_of_linkedid:
            self.put("LINKEDID_END", channel)


def _headers(event: str, c: Channel, stamp: str, peer: str, extra: str) -> str:
    return (
        f"EventName: {event}\r\nAccountCode: \r\nCallerIDnum: {c.num}\r\nCallerIDname: {c.cid_name}\r\n"
        f"CallerIDani: {c.ani}\r\nCallerIDrdnis: \r\nCallerIDdnid: {c.dnid}\r\nExten: {c.exten}\r\n"
        f"Context: {c.context}\r\nChannel: {c.name}\r\nApplication: {c.app}\r\nAppData: {c.app_data}\r\n"
        f"EventTime: {day_and_time(stamp)}\r\nAMAFlags: DOCUMENTATION\r\nUniqueID: {c.uniqueid}\r\n"
        f"LinkedID: {c.linkedid}\r\nUserfield: \r\nPeer: {peer}\r\nPeerAccount: \r\nExtra: {extra}\r\n"
    )
