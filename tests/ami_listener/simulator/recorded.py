"""Recorded streams of a real Asterisk, and what the simulator's tests compare of a stream.

A stream becomes, per channel in the order in which channels appear, the list of its events. Events of
different channels come from different threads of Asterisk, so only the order within one is certain.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "fixtures" / "ami" / "asterisk-22"
SCENARIOS = tuple(sorted(path.name for path in FOLDER.iterdir() if path.is_dir()))
Headers = list[tuple[str, str]]

ABSENT = frozenset(("TestEvent", "RTCPSent", "CEL", "Cdr"))
"""Not of a production PBX (TestEvent), of sound that is not simulated (RTCPSent), or compared apart."""
REPEATED = frozenset(("BRIDGEPEER", "BRIDGEPVTCALLID"))
"""Variables that Asterisk sets again, from the threads of all members, whenever anything about a bridge changes."""
RACES = (
    frozenset(("Newstate 5", "> DialBegin", "> DialState", "> AgentCalled", "Newexten AppQueue", "NewConnectedLine")),
    frozenset(("ConfbridgeJoin", "BridgeEnter")),
)
FLOATING = frozenset(("ConfbridgeLeave",))
"""Events that the recordings show anywhere in the end of a channel."""
"""Events that the recordings themselves show in either order: the phone's thread against the dialling one's."""


def raw(scenario: str) -> bytes:
    folder = FOLDER / scenario
    packed = folder / "ami.raw.gz"
    return gzip.decompress(packed.read_bytes()) if packed.exists() else (folder / "ami.raw").read_bytes()


def expected(scenario: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / scenario / "expect.json").read_text(encoding="utf-8"))
    return found


def blocks(stream: bytes) -> Iterator[Headers]:
    """The blocks of a stream after its greeting, each as its headers in order."""
    _, _, rest = stream.partition(b"\r\n")
    for block in rest.split(b"\r\n\r\n"):
        lines = block.decode("utf-8").strip("\r\n").split("\r\n")
        if lines != [""]:
            yield [(name, value.strip(" ")) for name, _, value in (line.partition(":") for line in lines)]


def name_of(block: Headers) -> str:
    first, value = block[0]
    return value if first == "Event" else f"{first}: {value}"


def shapes(stream: bytes) -> dict[str, set[tuple[str, ...]]]:
    """Header names in order, per event (or response)."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for block in blocks(stream):
        found.setdefault(name_of(block), set()).add(tuple(name for name, _ in block))
    return found


def role(channel: str, seen: dict[str, str]) -> str:
    """``PJSIP/201-0000001c`` as ``PJSIP/201 1``: the first channel of that phone in this stream."""
    if channel not in seen:
        base, _, tail = channel.rpartition("-")
        base += tail[tail.find(";") :] if ";" in tail else ""
        seen[channel] = f"{base} {1 + sum(known.rpartition(' ')[0] == base for known in seen.values())}"
    return seen[channel]


def _detail(name: str, headers: dict[str, str]) -> str:
    keys = {"VarSet": "Variable", "Newexten": "Application", "Newstate": "ChannelState", "DialEnd": "DialStatus"}
    key = keys.get(name)
    return f"{name} {headers[key]}" if key else name


def sequences(stream: bytes) -> dict[str, list[str]]:
    """Per channel, what happened to it in order; what is dialled has ``> DialBegin`` and so on. How a Local
    half learns names is left out: it races with all else."""
    found: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    for block in blocks(stream):
        name, headers = name_of(block), dict(block)
        if name in ABSENT or "Timestamp" not in headers:
            continue
        for key, mark in (("Channel", ""), ("DestChannel", "> ")):
            if key not in headers or name == "OriginateResponse":
                continue
            who = role(headers[key], seen)
            local = who.startswith("Local/") and name in ("NewCallerid", "NewConnectedLine")
            if headers.get("Variable") not in REPEATED and not local:
                found.setdefault(who, []).append(mark + _detail(name, headers))
    return {who: _settle(events) for who, events in found.items()}


def _settle(events: list[str]) -> list[str]:
    """Put neighbours that race with each other into one order."""
    settled = [event for event in events if event not in FLOATING]
    for end in range(len(settled), 0, -1):
        for i in range(1, end):
            pair = (settled[i - 1], settled[i])
            if pair[0] > pair[1] and any(race.issuperset(pair) for race in RACES):
                settled[i - 1], settled[i] = pair[1], pair[0]
    repeated = {i for i in range(1, len(settled)) if settled[i] == settled[i - 1] == "NewConnectedLine"}
    settled = [event for i, event in enumerate(settled) if i not in repeated]
    return settled + [event for event in events if event in FLOATING]


def cel_sequences(rows: Iterable[dict[str, str]]) -> dict[str, list[str]]:
    """Per channel, its events in the channel event log; sounds played are left out. LINKEDID_END comes with
    whichever channel happens to be the last of its call, and is counted for all of them together."""
    found: dict[str, list[str]] = {}
    seen: dict[str, str] = {}
    for row in rows:
        if row["eventtype"] not in ("STREAM_BEGIN", "STREAM_END"):
            last = row["eventtype"] == "LINKEDID_END"
            found.setdefault("any" if last else role(row["channame"], seen), []).append(row["eventtype"])
    return found
