"""Whose word is believed about where a request comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from tests.web import stage
from web.page import SERVICES
from web.peer import encrypted, from_loopback, origin_of


def asked(remote: str, proxied: bool, **headers: str) -> Any:
    from aiohttp import web

    app = web.Application()
    app[SERVICES] = replace(stage.services(), behind_proxy=proxied)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    request = make_mocked_request("GET", "/", headers=given, app=app)
    return request.clone(remote=remote)


def test_without_a_proxy_only_the_line_tells() -> None:
    forged = asked("198.51.100.7", False, X_Forwarded_For="127.0.0.1", X_Forwarded_Proto="https")
    assert origin_of(forged) == "198.51.100.7"
    assert not encrypted(forged) and not from_loopback(forged)


@pytest.mark.parametrize(
    ("header", "origin"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9", "203.0.113.9"),  # the first is what the client itself claimed
        ("[2001:db8::1]", "2001:db8::1"),
        ("nonsense", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_the_proxy_on_this_machine_is_believed(header: str, origin: str) -> None:
    request = asked("127.0.0.1", True, X_Forwarded_For=header, X_Forwarded_Proto="https")
    assert origin_of(request) == origin
    assert encrypted(request) and not from_loopback(request)


def test_a_proxy_elsewhere_is_not() -> None:
    request = asked("198.51.100.7", True, X_Forwarded_For="203.0.113.9", X_Forwarded_Proto="https")
    assert origin_of(request) == "198.51.100.7" and not encrypted(request)


def test_this_machine() -> None:
    for remote in ("127.0.0.1", "::1", "127.8.0.1"):
        assert from_loopback(asked(remote, False))
    assert not from_loopback(asked("", False))
