"""What a phone of the lab hears: its tones, taken off the wire (needs root), or out of mu-law from anywhere.

Each phone of `tests.pbx.phones` sends a tone of its own, so whose voice arrives where is told by frequency.
"""

from __future__ import annotations

import math
import socket
import struct
import time
from collections.abc import Iterable

ETH_P_IP = 0x0800
RATE = 8000
LOUD = 0.02
"""Share of full scale: the phones' tones have 0.24, mixed and translated they keep most of it."""
FAINT = 0.2
"""Of the loudest: all tones are as loud, and where a packet is lost each sounds a little like its neighbours."""


def pitch(name: str) -> int:
    """The frequency (Hz) of the tone that `tests.pbx.phones` gives a phone or caller of this name."""
    return 300 + 10 * (sum(name.encode()) % 100)


def heard(ulaw: bytes, names: Iterable[str]) -> set[str]:
    """Whose tones are in it."""
    samples = [_linear(byte) for byte in ulaw]
    levels = {name: _level(samples, pitch(name)) for name in names}
    least = max(LOUD, FAINT * max(levels.values(), default=0.0))
    return {name for name, level in levels.items() if level > least}


def _level(samples: list[float], hertz: float) -> float:
    """The amplitude of one frequency (Goertzel), as a share of full scale."""
    if not samples:
        return 0.0
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + turn * last - before
    power = before * before + last * last - turn * before * last
    return 2 * math.sqrt(max(power, 0.0)) / len(samples)


def _linear(byte: int) -> float:
    """ITU-T G.711 mu-law, from -1 to 1."""
    byte = ~byte & 0xFF
    size = ((byte & 0x0F) << 3) + 0x84 << ((byte & 0x70) >> 4)
    return (0x84 - size if byte & 0x80 else size - 0x84) / 32768


class Tap:
    """RTP on loopback on its way to one address and port. Use as a context manager."""

    def __init__(self, ip: str, port: int) -> None:
        self._to = socket.inet_aton(ip), port

    def __enter__(self) -> Tap:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self._socket.bind(("lo", ETH_P_IP))
        self._socket.settimeout(0.2)
        return self

    def __exit__(self, *_exc: object) -> None:
        self._socket.close()

    def listen(self, seconds: float = 1.0) -> bytes:
        """The sound of so long, as mu-law; shorter if it does not come."""
        found, seen, end = bytearray(), -1, time.monotonic() + seconds * 2
        while len(found) < seconds * RATE and time.monotonic() < end:
            try:
                packet = self._socket.recv(2048)
            except TimeoutError:
                continue
            head = (packet[0] & 0x0F) * 4
            if packet[9] != socket.IPPROTO_UDP or packet[16:20] != self._to[0]:
                continue
            (port,) = struct.unpack_from(">H", packet, head + 2)
            (number,) = struct.unpack_from(">H", packet, head + 10)
            if port == self._to[1] and number != seen:  # loopback shows each packet twice, going and coming
                seen = number
                found += packet[head + 8 + 12 :]
        return bytes(found)
