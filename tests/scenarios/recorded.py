"""The recorded streams, what they must come to, and streams as other PBXs and other links would give them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from ami_listener.replay import Times
from cti.live.profile import Profile, ProfileSettings, read_profiles

FIXTURES = Path(__file__).parent.parent / "fixtures" / "ami"
SCENARIOS = sorted(str(p.parent.relative_to(FIXTURES)) for p in FIXTURES.glob("*/*/expect.json"))
NEVER_IN_PRODUCTION = frozenset((b"CEL", b"Cdr", b"TestEvent", b"RTCPSent", b"RTCPReceived"))
NEEDED_APPS = (b"VoiceMail", b"Queue", b"ConfBridge", b"ChanSpy")


@cache
def profile_settings(scenario: str = "") -> ProfileSettings:
    """Of the PBX that was recorded: beside the stream where it has its own dialplan."""
    own = FIXTURES / scenario / "profile.toml"
    found = own if own.exists() else FIXTURES / "profile.toml"
    return read_profiles(found.read_text("utf-8"))["main"]


def profile(scenario: str = "") -> Profile:
    return Profile(profile_settings(scenario))


@cache
def raw(scenario: str) -> bytes:
    folder = FIXTURES / scenario
    plain = folder / "ami.raw"
    return plain.read_bytes() if plain.exists() else gzip.decompress((folder / "ami.raw.gz").read_bytes())


def expected(scenario: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIXTURES / scenario / "expect.json").read_text("utf-8"))
    return found


def arrivals(scenario: str) -> list[tuple[float, int, int]]:
    """Arrival (epoch seconds), byte offset and length of each read."""
    zero = expected(scenario)["clock"]["offset_zero_epoch"]
    rows = csv.DictReader(io.StringIO((FIXTURES / scenario / "ami-times.csv").read_text("utf-8")))
    return [(zero + float(r["offset_s"]), int(r["byte_offset"]), int(r["length"])) for r in rows]


def blocks(stream: bytes) -> list[bytes]:
    """The stream cut at the ends of blocks; the greeting stays with the first block after it."""
    return [part + b"\r\n\r\n" for part in stream.split(b"\r\n\r\n") if part.strip(b"\r\n")]


def event_of(block: bytes) -> bytes:
    match = re.search(rb"(?:^|\r\n)Event: ([^\r]+)", block)
    return match.group(1) if match else b""


def header(block: bytes, name: bytes) -> bytes:
    match = re.search(rb"\r\n" + name + rb": ?([^\r]*)", b"\r\n" + block)
    return match.group(1) if match else b""


def as_production(stream: bytes) -> bytes:
    """What a PBX sends that has no test framework, no CEL and CDR on AMI, and our event filter."""
    return b"".join(block for block in blocks(stream) if _sent_in_production(block))


def _sent_in_production(block: bytes) -> bool:
    event = event_of(block)
    if event in NEVER_IN_PRODUCTION:
        return False
    if event == b"VarSet":
        return header(block, b"Variable") == b"MIXMONITOR_FILENAME"
    if event == b"Newexten":
        return header(block, b"Application") in NEEDED_APPS
    return True


def without_timestamps(scenario: str) -> tuple[bytes, Times]:
    """The stream of a PBX without ``timestampevents``, and when each block arrived."""
    reads = arrivals(scenario)
    known = Times([offset for _, offset, _ in reads], [at for at, _, _ in reads])
    out = bytearray()
    offsets: list[int] = []
    times: list[float] = []
    place = 0
    for block in blocks(raw(scenario)):
        place += len(block)
        offsets.append(len(out))
        times.append(known.at(place - 1) or 0.0)
        out += re.sub(rb"\r\nTimestamp: [^\r]*", b"", block)
    return bytes(out), Times(offsets, times)


def renamed(stream: bytes) -> bytes:
    """The same calls on a PBX where nothing has the name that it has here."""
    words = {
        rb"PJSIP/trunk": b"SIP/zanjan-carrier",
        rb"@trunk\b": b"@zanjan-carrier",
        rb"PJSIP/9920": b"SIP/karshenas.99",
        rb"PJSIP/20": b"SIP/karshenas.7",
        rb"PJSIP/load": b"SIP/karshenas.all",
        rb"from-pstn": b"dakhel-shahr",
        rb"\binternal\b": b"hamkaran",
        rb"\bsupport\b": b"q-poshtibani",
        rb"\bsales\b": b"q-forosh",
        rb"\bsecond\b": b"q-dovom",
        rb"\bslow\b": b"q-kond",
        rb"\broom1\b": b"otagh",
    }
    for word, other in words.items():
        stream = re.sub(word, other, stream)
    return stream


RENAMED = ProfileSettings(
    extensions=r"^karshenas\.", trunks="^zanjan", devices=r"^karshenas\.(?:7|99)(\d)$", area_code="021"
)
