"""The formulas of figures in words: what each is called and what it divides by what.

Neighbours: ``pages.figures`` shows them, ``cti.live.figures`` has the formulas and their sources.
"""

from __future__ import annotations

from collections.abc import Mapping

from cti.live.figures import OccupancyName, ServiceLevelName
from web.i18n import N_

SERVICE_LEVELS: Mapping[ServiceLevelName, tuple[str, str]] = {
    "genesys_short": (
        N_("Without short abandons"),
        N_("answered in time ÷ (answered + abandoned − short abandons)"),
    ),
    "genesys": (N_("With every abandon"), N_("answered in time ÷ (answered + abandoned)")),
    "genesys_flow_short": (
        N_("With callers who moved on, without short abandons"),
        N_("answered in time ÷ (answered + abandoned + moved on − short abandons)"),
    ),
    "genesys_flow": (
        N_("With callers who moved on"),
        N_("answered in time ÷ (answered + abandoned + moved on)"),
    ),
    "asterisk": (N_("Answered callers alone"), N_("answered in time ÷ answered")),
    "asterisk2": (
        N_("An abandon in time counts well"),
        N_("(answered in time + abandoned in time) ÷ (answered + abandoned)"),
    ),
    "cisco_ignored": (
        N_("Cisco: abandons in time ignored"),
        N_("answered in time ÷ (answered in time + all who waited longer)"),
    ),
    "cisco_negative": (
        N_("Cisco: abandons in time count badly"),
        N_("answered in time ÷ (answered in time + abandoned in time + all who waited longer)"),
    ),
    "cisco_positive": (
        N_("Cisco: abandons in time count well"),
        N_("(answered in time + abandoned in time) ÷ (answered in time + abandoned in time + all who waited longer)"),
    ),
}
"""Name and formula, in the order in which they are offered."""
OCCUPANCIES: Mapping[OccupancyName, tuple[str, str]] = {
    "available": (N_("Of the time with calls and free for calls"), N_("(talk + wrap-up) ÷ (talk + wrap-up + free)")),
    "signed_in": (N_("Of the time signed in"), N_("(talk + wrap-up) ÷ signed in, pauses included")),
    "staffed": (N_("Of whole hours"), N_("(talk + wrap-up) ÷ the whole clock hours in which the agent was there")),
}
