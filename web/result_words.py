"""The shapes and tones of results and the days of their follow-ups, in words; and which icon a shape is.

Neighbours: ``pages.results`` and the templates show them, ``crm_core.results.model`` has what there is.
"""

from __future__ import annotations

from web.i18n import N_

SHAPE_ICONS: dict[str, str] = {
    "check": "check",
    "star": "star",
    "clock": "clock",
    "arrow": "corner-up-right",
    "info": "info",
    "cross": "x",
    "silent": "phone-off",
    "alert": "triangle-alert",
}
SHAPE_WORDS: dict[str, str] = {
    "check": N_("Check mark"),
    "star": N_("Star"),
    "clock": N_("Clock"),
    "arrow": N_("Arrow"),
    "info": N_("Letter i"),
    "cross": N_("Cross"),
    "silent": N_("Phone crossed out"),
    "alert": N_("Triangle"),
}
TONE_WORDS: dict[str, str] = {
    "positive": N_("Good"),
    "neutral": N_("Neither good nor bad"),
    "negative": N_("Bad"),
}
TONE_CLASSES: dict[str, str] = {"positive": "s-ready", "negative": "s-bad"}
FOLLOW_DAYS: tuple[tuple[int, str], ...] = ((1, N_("Tomorrow")), (3, N_("In 3 days")), (7, N_("In a week")))
"""Days ahead, and what that is called."""
