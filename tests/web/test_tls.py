"""HTTPS and WSS on one port: trusted by who trusts the authority, renewed while it runs, broken by nothing."""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509

from cti.kernel.certificates import Authority
from cti.kernel.errors import ConfigurationError
from web.server import Running, create_app, start
from web.services import Services
from web.tls import Tls


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "tls")
    made.make(["tamas.example", "192.168.1.10", "127.0.0.1"], time.time())
    return made


@pytest.fixture
def tls(authority: Authority) -> Tls:
    return Tls(authority.server, None, authority.public)


@pytest.fixture
async def running(services: Services, tls: Tls) -> AsyncIterator[Running]:
    server = await start(create_app(services, tls), "0.0.0.0", 0)
    yield server
    await server.stop()
    await services.crm.database.close()


def client(authority: Authority) -> aiohttp.ClientSession:
    trusting = ssl.create_default_context(cafile=str(authority.public))
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting))


def at(running: Running) -> str:
    return f"https://127.0.0.1:{running.url.rpartition(':')[2]}"


async def test_https_and_wss(running: Running, authority: Authority) -> None:
    assert running.url.startswith("https://tamas.example:")
    async with client(authority) as http:
        async with http.get(at(running) + "/healthz") as response:
            assert (response.status, await response.text()) == (200, "alive\n")
            assert "Strict-Transport-Security" not in response.headers
        async with http.get(at(running) + "/healthz", headers={"Host": "tamas.example"}) as response:
            assert response.status == 200
        async with http.get(at(running) + "/healthz", headers={"Host": "evil.example"}) as response:
            assert response.status == 421
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(at(running) + "/push", origin="https://evil.example")
        assert refused.value.status == 403


async def test_who_does_not_trust_it_is_not_served(running: Running) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await http.get(at(running) + "/healthz")


async def test_devices_may_fetch_the_authority(running: Running, authority: Authority) -> None:
    async with client(authority) as http, http.get(at(running) + "/ca.crt") as response:
        assert response.content_type == "application/x-x509-ca-cert"
        body = await response.read()
    assert body == authority.public.read_bytes() and b"PRIVATE" not in body


async def test_plain_http_is_not_answered_and_breaks_nothing(running: Running, authority: Authority) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.ClientError):
            await http.get(at(running).replace("https", "http") + "/healthz")
    async with client(authority) as http, http.get(at(running) + "/healthz") as response:
        assert response.status == 200


async def shown(running: Running) -> int:
    """The serial number of the certificate that the server shows."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    port = int(running.url.rpartition(":")[2])
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    certificate = x509.load_der_x509_certificate(writer.get_extra_info("ssl_object").getpeercert(True))
    writer.close()
    return certificate.serial_number


async def test_a_new_certificate_is_taken_up_without_a_restart(
    running: Running, tls: Tls, authority: Authority
) -> None:
    before = await shown(running)
    assert not tls.refresh()
    authority.make(["tamas.example", "127.0.0.1", "new.lan"], time.time())
    assert await shown(running) == before
    assert tls.refresh() and "new.lan" in tls.names
    assert await shown(running) != before
    headers = {"Host": "new.lan"}
    async with client(authority) as http, http.get(at(running) + "/healthz", headers=headers) as response:
        assert response.status == 200


async def test_a_broken_one_is_not(running: Running, tls: Tls, authority: Authority) -> None:
    before = await shown(running)
    for broken in (b"nothing", authority.public.read_bytes()):
        authority.server.write_bytes(broken)
        os.utime(authority.server, ns=(time.time_ns(), time.time_ns()))
        assert not tls.refresh()
        assert await shown(running) == before
    authority.server.unlink()
    assert not tls.refresh() and not tls.refresh()
    assert await shown(running) == before


def test_only_a_real_certificate_is_insisted_on(authority: Authority, tls: Tls) -> None:
    assert not tls.trusted
    assert Tls(authority.server).trusted


async def test_insisting(services: Services, authority: Authority) -> None:
    server = await start(create_app(services, Tls(authority.server)), "127.0.0.1", 0)
    async with client(authority) as http, http.get(at(server) + "/healthz") as response:
        assert response.headers["Strict-Transport-Security"] == "max-age=15552000"
    async with client(authority) as http, http.get(at(server) + "/ca.crt") as response:
        assert response.status == 404
    await server.stop()
    await services.crm.database.close()


def test_what_cannot_be_used_is_told(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    other.make(["x.lan"], time.time())
    for certificate, key, sentence in (
        (tmp_path / "none", None, "cannot be read"),
        (authority.public, None, "cannot be used"),
        (authority.public, other.server, "not that of the certificate"),
        (authority.server, tmp_path / "none", "cannot be read"),
    ):
        with pytest.raises(ConfigurationError, match=sentence):
            Tls(certificate, key)
