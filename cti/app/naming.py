"""Settings that say something of each PBX: one value, or ``NAME=VALUE`` for each of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings


def by_pbx(setting: str, text: str, names: Sequence[str]) -> Mapping[str, str]:
    """PBX -> its value in ``text``; nothing for an empty one. ConfigurationError where it is not clear whose it is."""
    parts = text.split()
    found: dict[str, str] = {}
    for part in parts:
        name, separator, value = part.partition("=")
        if separator and name in names:
            found[name] = value
        elif len(parts) == 1 and len(names) == 1:
            found[names[0]] = part
        else:
            raise ConfigurationError(f"{setting}: say whose it is: NAME=URL, with NAME one of {', '.join(names)}")
    return found


def sip_addresses(settings: Settings, names: Sequence[str]) -> Mapping[str, str]:
    """PBX -> where it takes SIP over WebSocket (``CTI_PBX_SIP_URL``)."""
    found = by_pbx("CTI_PBX_SIP_URL", settings.pbx_sip_url, names)
    for address in found.values():
        parts = urlsplit(address)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise ConfigurationError(f"CTI_PBX_SIP_URL: {address} is no ws:// or wss:// address")
    return found
