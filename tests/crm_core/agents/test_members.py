"""How a phone is a member of a queue: as it is, as others are, as the PBX's kind has it."""

from __future__ import annotations

import pytest

from crm_core.agents.members import Members, is_his, membership
from crm_core.users.places import Place
from cti.control.phones import PhoneAt
from cti.live.agents import Membership
from tests.crm_core.agents.floors import member, place

LOCAL = "Local/{}@from-queue/n"


def held(*interfaces: str) -> Members:
    return {interface: member(interface) for interface in interfaces}


@pytest.mark.parametrize(
    ("interface", "his"),
    [
        ("PJSIP/201", True),
        ("PJSIP/2011", False),
        ("SIP/201", False),
        ("Local/201@from-queue/n", True),
        ("Local/201@internal", True),
        ("Local/202@from-queue/n", False),
        ("Local/09121112233@from-queue/n", False),
    ],
)
def test_whose_a_member_is(interface: str, his: bool) -> None:
    assert is_his(interface, place(), "main") is his


def test_where_the_pbx_tells_of_no_phones_the_name_is_the_extension() -> None:
    nowhere = Place("u1", "u1", ("201",))
    assert is_his("PJSIP/201", nowhere, "main")
    assert not is_his("PJSIP/99201", nowhere, "main")


def test_as_it_is_already() -> None:
    queues = {"sales": held("SIP/300", "PJSIP/201")}
    assert membership(place(), "main", "sales", queues, "freepbx") == Membership("main", "sales", "PJSIP/201")


def test_as_the_others_are() -> None:
    queues = {"400": held(LOCAL.format(202), LOCAL.format(203)), "plain": held("PJSIP/202"), "empty": held()}
    expected = Membership("main", "400", LOCAL.format(201), "hint:201@ext-local")
    assert membership(place(), "main", "400", queues, "plain") == expected
    found = membership(place(), "main", "empty", queues, "plain")
    assert found is not None
    assert found.interface == LOCAL.format(201), "as most of the PBX's"


def test_a_local_channel_of_another_context_has_the_phones_state() -> None:
    queues = {"q": held("Local/202@internal")}
    assert membership(place(), "main", "q", queues, "plain") == Membership(
        "main", "q", "Local/201@internal", "PJSIP/201"
    )


@pytest.mark.parametrize(("preset", "interface"), [("plain", "PJSIP/201"), ("freepbx", LOCAL.format(201))])
def test_where_nobody_is_in_any_queue_the_kind_of_pbx_says(preset: str, interface: str) -> None:
    found = membership(place(), "main", "q", {}, preset)
    assert found is not None
    assert found.interface == interface


def test_of_two_devices_the_one_named_as_the_extension_and_reachable() -> None:
    two = Place("u1", "u1", ("201",), (PhoneAt("main", "PJSIP/99201", "201"), PhoneAt("main", "PJSIP/201", "201")))
    found = membership(two, "main", "q", {}, "plain")
    assert found is not None
    assert found.interface == "PJSIP/201"
    away = Place(
        "u1", "u1", ("201",), (PhoneAt("main", "PJSIP/99201", "201"), PhoneAt("main", "PJSIP/201", "201", False))
    )
    found = membership(away, "main", "q", {}, "plain")
    assert found is not None
    assert found.interface == "PJSIP/99201"


def test_a_phone_that_no_pbx_tells_of_is_not_made_up() -> None:
    """Its name on the PBX may be another: a member of that name would never ring. One that is reached by its extension
    needs no name."""
    nowhere = Place("u1", "u1", ("201",))
    assert membership(nowhere, "main", "q", {}, "plain") is None
    assert membership(nowhere, "main", "q", {"q": held("PJSIP/202")}, "plain") is None
    assert membership(nowhere, "main", "q", {}, "freepbx") == Membership(
        "main", "q", LOCAL.format(201), "hint:201@ext-local"
    )
    local = {"q": held("Local/202@internal")}
    assert membership(nowhere, "main", "q", local, "plain") == Membership("main", "q", "Local/201@internal", "")
    mine = {"q": held("PJSIP/201")}
    assert membership(nowhere, "main", "q", mine, "plain") == Membership("main", "q", "PJSIP/201")


def test_no_phone_at_that_pbx() -> None:
    assert membership(place(pbx="other"), "main", "q", {}, "plain") is None
