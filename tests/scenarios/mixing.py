"""Two recorded streams as one PBX would send them at the same time, and streams with something wrong in them."""

from __future__ import annotations

import contextlib
import random
import re
from collections.abc import Callable, Iterable
from functools import cache

from tests.scenarios.recorded import as_production, blocks, event_of, header, raw

_STAMP = re.compile(rb"1795\d{6}")
_ID = re.compile(rb"(1795\d{6})\.(\d{1,4})(?=\r|$|\.wav|\D)(?!\d)")
_LOCAL = re.compile(rb"(Local/[^;\r]*-)0000([0-9a-f]{4};)")


def _first_stamp(stream: bytes) -> int:
    return min(int(float(stamp)) for stamp in re.findall(rb"\r\nTimestamp: ([0-9.]+)", stream))


def beside(stream: bytes, other: bytes, mark: int = 9, later: int = 0) -> bytes:
    """``stream`` as if it had begun ``later`` seconds after ``other`` on the same PBX, with ids of its own: those of
    each ``mark`` are different."""
    lag = _first_stamp(other) - _first_stamp(stream) + later
    stream = _ID.sub(lambda found: b"%b.%d" % (found[1], 10_000 * mark + int(found[2])), stream)
    stream = _LOCAL.sub(lambda found: b"%b%04x%b" % (found[1], mark, found[2]), stream)
    return _STAMP.sub(lambda found: b"%d" % (int(found[0]) + lag), stream)


def mixed(one: Iterable[bytes], other: Iterable[bytes]) -> bytes:
    """Blocks of both in the order of their times; each stream keeps its own order."""
    timed = [(at, which, block) for which, stream in enumerate((one, other)) for at, block in _timed(stream)]
    timed.sort(key=lambda item: item[0])
    return b"".join(block for _, _, block in timed)


def _timed(stream: Iterable[bytes]) -> Iterable[tuple[float, bytes]]:
    now = 0.0
    for block in stream:
        stamp = header(block, b"Timestamp")
        with contextlib.suppress(ValueError):  # a broken stamp: the block stays where it was
            now = max(now, min(float(stamp), now + 60.0 if now else 4e9)) if stamp else now
        yield now, block


def events_only(stream: bytes) -> list[bytes]:
    """The blocks of events: greeting, answers and what precedes them left out."""
    stripped = (block.lstrip(b"\r\n") for block in blocks(stream))
    return [block for block in stripped if block.startswith(b"Event: ")]


def flipped(block: bytes, rng: random.Random) -> bytes:
    """The block with some of its bytes changed, taken out, or put in twice; its end stays."""
    body = bytearray(block[:-4])
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at = rng.randrange(len(body))
        change = rng.randrange(5)
        if change == 0:
            body[at] ^= 1 << rng.randrange(8)
        elif change == 1:
            body[at] = rng.randrange(256)
        elif change == 2:
            del body[at : at + rng.randrange(1, 20)]
        elif change == 3:
            body[at:at] = body[at : at + rng.randrange(1, 20)]
        else:
            body[at:at] = rng.choice((b"\r\n", b"\r\n\r\n", b": ", b"\x00", b"\xff\xfe", b"\\", b'"', b"\n"))
        if not body:
            body += b"Event: "
    return bytes(body) + b"\r\n\r\n"


def without(name: bytes, block: bytes) -> bytes:
    """The block without that header."""
    return re.sub(rb"\r\n" + re.escape(name) + rb":[^\r]*", b"", block)


def with_value(name: bytes, value: bytes, block: bytes) -> bytes:
    """The block with another value in that header."""
    return re.sub(rb"\r\n" + re.escape(name) + rb":[^\r]*", b"\r\n" + name + b": " + value, block)


def headers_of(block: bytes) -> list[bytes]:
    """Names of the headers of a block, but the one that says which event it is."""
    return [line.partition(b":")[0] for line in block.split(b"\r\n")[1:] if b":" in line]


@cache
def named_blocks(scenario: str) -> tuple[tuple[bytes, bytes], ...]:
    """Name of the event and block, of all that a production PBX would have sent."""
    return tuple((event_of(block), block) for block in blocks(as_production(raw(scenario))))


def changed(scenario: str, event: str, change: Callable[[bytes], bytes]) -> bytes:
    """The recorded stream with each block of that event changed."""
    name = event.encode()
    return b"".join(change(block) if named == name else block for named, block in named_blocks(scenario))
