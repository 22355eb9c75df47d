"""Settings that say something of each PBX: one value, or ``NAME=VALUE`` for each of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlsplit

from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings
from web.services import IceServer


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


def ice_servers(settings: Settings) -> tuple[IceServer, ...]:
    """The STUN and TURN servers of ``CTI_ICE_SERVERS`` (RFC 7064, 7065; before the host USER:SECRET@ as in other
    addresses)."""
    found = []
    for text in settings.ice_servers.split():
        scheme, _, rest = text.partition(":")
        login, _, server = rest.rpartition("@")
        user, _, secret = login.partition(":")
        if scheme not in ("stun", "stuns", "turn", "turns") or not server or (scheme[:4] == "turn") != bool(user):
            raise ConfigurationError(f"CTI_ICE_SERVERS: {scheme}:{server} is no stun:HOST and no turn:USER:SECRET@HOST")
        found.append(IceServer(f"{scheme}:{server}", unquote(user), unquote(secret)))
    return tuple(found)
