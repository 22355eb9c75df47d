from __future__ import annotations

import pytest

from cti.app.naming import by_pbx, ice_servers, sip_addresses
from cti.kernel.errors import ConfigurationError
from cti.kernel.settings import load
from web.services import IceServer


def test_one_value_is_the_only_pbxs() -> None:
    assert by_pbx("CTI_X", "ws://a/ws", ("main",)) == {"main": "ws://a/ws"}
    assert by_pbx("CTI_X", "", ("main",)) == {}
    assert by_pbx("CTI_X", "main=ws://a/ws?x=1", ("main",)) == {"main": "ws://a/ws?x=1"}


def test_each_of_several_is_named() -> None:
    assert by_pbx("CTI_X", "b=ws://b a=ws://a", ("a", "b")) == {"b": "ws://b", "a": "ws://a"}
    with pytest.raises(ConfigurationError, match=r"CTI_X: say whose it is.*a, b"):
        by_pbx("CTI_X", "ws://a", ("a", "b"))


@pytest.mark.parametrize("wrong", ["http://pbx:8088/ws", "pbx:8088", "ws://"])
def test_an_address_of_sip_is_a_websocket(wrong: str) -> None:
    settings = load({"CTI_PBX_SIP_URL": wrong})
    with pytest.raises(ConfigurationError, match="CTI_PBX_SIP_URL"):
        sip_addresses(settings, ("main",))


def test_the_address_of_sip() -> None:
    assert sip_addresses(load({"CTI_PBX_SIP_URL": "ws://pbx:8088/ws"}), ("main",)) == {"main": "ws://pbx:8088/ws"}


def test_servers_that_help_through_firewalls() -> None:
    settings = load({"CTI_ICE_SERVERS": "stun:stun.example:3478 turn:us%40er:se:cret@turn.example"})
    assert ice_servers(settings) == (
        IceServer("stun:stun.example:3478"),
        IceServer("turn:turn.example", "us@er", "se:cret"),
    )
    assert ice_servers(load({})) == ()


@pytest.mark.parametrize("wrong", ["turn:turn.example", "http://x", "stun:", "stun:u:p@x"])
def test_what_is_no_such_server(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="CTI_ICE_SERVERS"):
        ice_servers(load({"CTI_ICE_SERVERS": wrong}))
