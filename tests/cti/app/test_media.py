"""Where sound comes in: whether a PBX brings it, with which certificate, and what is printed for the PBX."""

from __future__ import annotations

import configparser
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from ami_listener.media import MediaServer
from cti.app.media import client_section, comes, open_media
from cti.app.tls import authority_of, make_tls
from cti.control.fake import FakePbx
from cti.control.port import Spy
from cti.kernel.clock import SystemClock
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import Settings
from tests.ami_listener.test_media import pbx as bringing
from tests.ami_listener.test_media import start_of
from tests.live import until


class Bringing(FakePbx):
    """A PBX that brings the sound that it is asked for, or none."""

    def __init__(self, server: MediaServer, brings: bool) -> None:
        super().__init__()
        self._server, self._brings = server, brings

    async def spy(self, order: Spy) -> None:
        if self._brings:
            async with bringing(self._server) as connection:
                await connection.send(start_of(order.uniqueid))
                await until(lambda: order.uniqueid not in self._server._expected)


@pytest.mark.parametrize("brings", [True, False])
async def test_a_pbx_is_asked_to_bring_sound(brings: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cti.app.media.COMES_SECONDS", 0.3)
    server = MediaServer()
    await server.start("127.0.0.1", 0)
    assert await comes(server, Bringing(server, brings)) is brings
    await server.close()


def test_the_section_can_be_pasted() -> None:
    parsed = configparser.ConfigParser()
    parsed.read_string(client_section(Settings(media="192.0.2.5:8090")))
    assert dict(parsed["tamas"]) == {
        "type": "websocket_client", "connection_type": "per_call_config", "uri": "ws://192.0.2.5:8090/media",
        "protocols": "media", "tls_enabled": "no",
    }  # fmt: skip
    assert "ws://HOST:PORT/media" in client_section(Settings())


async def test_with_tls_it_has_the_certificate_of_the_pages(tmp_path: Path) -> None:
    settings, now = Settings(data=str(tmp_path), media="wss://127.0.0.1:0"), SystemClock().now()
    server = MediaServer()
    with pytest.raises(ConfigurationError, match="cti tls"):
        await open_media(server, settings, now)
    make_tls(settings, ["localhost"], now)
    assert await open_media(server, settings, now) is not None
    _, port = server.address
    trusts = ssl.create_default_context(cafile=authority_of(settings).public)
    ear = server.expect("tamas-1.1")
    async with connect(f"wss://localhost:{port}/media", subprotocols=[Subprotocol("media")], ssl=trusts) as connection:
        await connection.send(start_of("tamas-1.1"))
        await connection.send(b"\xff" * 160)
        assert await anext(ear.frames()) == b"\xff" * 160
    await server.close()


def test_the_section_says_whom_to_trust(tmp_path: Path) -> None:
    own = Settings(data=str(tmp_path), media="wss://pbx.lan:8090")
    parsed = configparser.ConfigParser()
    parsed.read_string(client_section(own))
    assert parsed["tamas"]["uri"] == "wss://pbx.lan:8090/media" and parsed["tamas"]["tls_enabled"] == "yes"
    assert parsed["tamas"]["ca_list_file"].endswith(".crt") and str(authority_of(own).public) in client_section(own)
    assert "verify_server_hostname" not in parsed["tamas"]
    assert "verify_server_hostname = no" in client_section(Settings(data=str(tmp_path), media="wss://10.0.0.5:8090"))
    bought = client_section(Settings(media="wss://10.0.0.5:8090", tls_cert="/etc/tls/chain.pem"))
    assert "ca_list_file" not in bought and "verify" not in bought
