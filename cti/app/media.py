"""Where PBXs bring the sound of calls: ``CTI_MEDIA``, with TLS or without, and what the PBX's configuration says of it.

Neighbours: ``ami_listener.media`` takes the sound, ``tls`` says which certificate there is, ``monitoring`` and
``doctor`` open it, ``setups`` prints the section.
"""

from __future__ import annotations

import asyncio
import ipaddress
import secrets

from ami_listener.media import PATH, PROTOCOL, MediaServer
from cti.app.tls import authority_of, open_tls
from cti.control.port import SOCKET, SOCKET_CLIENT, Pbx, Spy
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import SECURE, Settings, media_address
from web.tls import Tls

COMES_SECONDS = 4.0
"""A PBX that is told to bring sound does so within a moment."""
TRUSTED = "/etc/asterisk/tamas-ca.crt"
"""Where the printed section looks for our own authority."""


async def open_media(media: MediaServer, settings: Settings, now: float) -> Tls | None:
    """Listen at ``CTI_MEDIA``; with which certificate, None in the clear. Raises ``ConfigurationError``."""
    tls = None
    if settings.media.startswith(SECURE):
        tls = open_tls(settings, now)
        if tls is None:
            raise ConfigurationError("CTI_MEDIA: wss:// needs a certificate: run cti tls, or set CTI_TLS_CERT")
    await media.start(*media_address(settings), tls.context if tls is not None else None)
    return tls


async def comes(media: MediaServer, pbx: Pbx) -> bool:
    """Whether this PBX brings sound here when it is asked to: it is, with that of a channel that there is not.

    May raise what commands raise."""
    uniqueid = f"tamas-test.{secrets.randbelow(10**30)}"
    ear = media.expect(uniqueid)
    await pbx.spy(Spy(SOCKET, "tamas-nobody", "listen", uniqueid))
    try:
        async with asyncio.timeout(COMES_SECONDS):
            await ear.begun.wait()
    except TimeoutError:
        return False
    finally:
        await ear.close()
    return True


def client_section(settings: Settings) -> str:
    """What the PBX's ``websocket_client.conf`` has to say of us, so that it sends the sound of calls here."""
    secure = settings.media.startswith(SECURE)
    where = settings.media.removeprefix(SECURE) or "HOST:PORT"
    section = (
        f"[{SOCKET_CLIENT}]\ntype = websocket_client\nconnection_type = per_call_config\n"
        f"uri = {'wss' if secure else 'ws'}://{where}{PATH}\nprotocols = {PROTOCOL}\n"
        f"tls_enabled = {'yes' if secure else 'no'}\n"
    )
    if not secure or settings.tls_cert:
        return section
    section += f"; {authority_of(settings).public} of this machine, copied there:\nca_list_file = {TRUSTED}\n"
    # Asterisk compares names alone (main/tcptls.c). That authority has signed nobody but us.
    return section + ("verify_server_hostname = no\n" if _is_address(media_address(settings)[0]) else "")


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
