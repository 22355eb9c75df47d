"""One figure for how a call was heard: the mean opinion score by the E-model.

ITU-T G.107 (06/2015): R = Ro - Is - Id - Ie,eff + A, with its default values Ro - Is = 93.2 and A = 0. The delay
impairment Id is the approximation of Cole and Rosenbluth, "Voice over IP performance monitoring", ACM CCR 31(2), 2001;
Ie,eff is G.107 (7-29) with random loss, for G.711 with concealment (Ie = 0, Bpl = 25.1, G.113 Appendix I). R becomes
MOS by G.107 Annex B.
"""

from __future__ import annotations

BASE = 93.2
ROBUSTNESS = 25.1
"""Bpl of G.711 with packet loss concealment."""
CODEC_MS = 20.0
"""A frame's own length, by which everything is late."""
KNEE_MS = 177.3
GOOD, FAIR = 4.0, 3.6
"""Users are satisfied above 4.0, some dissatisfied down to 3.6 (G.107 Annex B, table B.1)."""


def mos(round_trip: float | None, jitter: float, loss: float) -> float:
    """1 (bad) to 4.5. ``round_trip`` and ``jitter`` in milliseconds, ``loss`` in per cent of the packets.

    The one-way delay is half the round trip, a frame, and a jitter buffer that holds twice the jitter.
    """
    delay = (round_trip or 0.0) / 2 + 2 * jitter + CODEC_MS
    late = 0.024 * delay + (0.11 * (delay - KNEE_MS) if delay > KNEE_MS else 0.0)
    lost = 95.0 * loss / (loss + ROBUSTNESS)
    return opinion(BASE - late - lost)


def opinion(rating: float) -> float:
    """A transmission rating R as a mean opinion score (G.107 Annex B)."""
    if rating <= 0:
        return 1.0
    if rating >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
