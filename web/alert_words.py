"""Each kind of alert in words: what it is called, and the unit of its limit. The page of alerts shows them."""

from __future__ import annotations

from collections.abc import Mapping

from cti.live.alarms import AlertKind
from web.i18n import N_

KINDS: Mapping[AlertKind, tuple[str, str]] = {
    "wait": (N_("Longest wait in a queue"), N_("seconds")),
    "waiting": (N_("Callers who wait in a queue"), N_("callers")),
    "service_level": (N_("Service level of a queue is below"), N_("percent")),
    "nobody_ready": (N_("Callers wait and nobody is ready"), ""),
    "trunk_down": (N_("A line is down"), ""),
    "link_down": (N_("The link to the PBX is down"), ""),
    "talk": (N_("A call lasts long"), N_("seconds")),
    "repeat": (N_("One number calls again and again"), N_("calls")),
}
"""Kind -> its name, and the unit of its limit; empty where it has none."""

LEVELS: Mapping[str, str] = {"warn": N_("Warning"), "bad": N_("Alarm")}
