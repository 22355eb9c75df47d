"""Beyond loopback only with TLS, our own names only, our own origin only."""

from __future__ import annotations

import aiohttp
import pytest

from cti.kernel.errors import ConfigurationError
from tests.web.conftest import Stage
from web.guard import NotPrivateError, host_of, is_loopback, ours, require_private
from web.server import create_app, start

LOOPBACK = ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost", "LOCALHOST"]
BEYOND = ["0.0.0.0", "::", "", "192.0.2.1", "tamas.example", "127.0.0.1.example"]


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_alone_may_be_served_in_the_clear(host: str) -> None:
    assert is_loopback(host)
    require_private(host, tls=False, behind_proxy=False)


@pytest.mark.parametrize("host", BEYOND)
def test_any_other_address_is_refused_with_the_remedy(host: str) -> None:
    with pytest.raises(NotPrivateError, match=r"cti tls.*CTI_TLS_CERT.*CTI_BEHIND_PROXY") as refused:
        require_private(host, tls=False, behind_proxy=False)
    assert isinstance(refused.value, ConfigurationError)
    require_private(host, tls=True, behind_proxy=False)
    require_private(host, tls=False, behind_proxy=True)


async def test_the_server_does_not_start_there(on_stage: Stage) -> None:
    with pytest.raises(NotPrivateError):
        await start(create_app(on_stage.services), "0.0.0.0", 0)


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("tamas.example", True),
        ("a.lan", True),
        ("a.b.lan", False),
        ("lan", False),
        ("x.tamas.example", False),
        ("", False),
    ],
)
def test_names_and_wildcards(host: str, answered: bool) -> None:
    assert ours(host, ["tamas.example", "*.lan"]) is answered


@pytest.mark.parametrize(
    ("authority", "host"),
    [("localhost:8080", "localhost"), ("[::1]:80", "::1"), ("EVIL.example", "evil.example"), ("", ""), ("a:b:c]", "")],
)
def test_hosts_of_authorities(authority: str, host: str) -> None:
    assert host_of(authority) == host


@pytest.mark.parametrize("path", ["/", "/calls", "/api/v1/calls", "/push", "/metrics", "/static/dist/x"])
async def test_a_page_of_another_name_gets_nothing(on_stage: Stage, path: str) -> None:
    status, text = await on_stage.go(path, Host="rebound.example:8080")
    assert status == 421
    assert "مریم" not in text


async def test_our_own_names_are_answered(on_stage: Stage) -> None:
    port = on_stage.url.rsplit(":", 1)[1]
    for name in ("localhost", "127.0.0.1", "[::1]"):
        assert (await on_stage.go("/healthz", Host=f"{name}:{port}"))[0] == 200


@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/v1/calls", "/api/v1/calls/none", "/healthz", "/push"])
async def test_every_answer_tells_the_browser_what_it_may_do(on_stage: Stage, path: str) -> None:
    async with on_stage.http.get(on_stage.url + path) as response:
        policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_socket_takes_only_our_own_origin(on_stage: Stage) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await on_stage.http.ws_connect(on_stage.url + "/push", origin="http://evil.example")
    assert refused.value.status == 403
    async with on_stage.http.ws_connect(on_stage.url + "/push", origin=on_stage.url):
        pass
    async with on_stage.http.ws_connect(on_stage.url + "/push"):  # a program, not a browser
        pass
