from __future__ import annotations

from ami_listener.simulator.behaviour import Deed, Talk
from ami_listener.simulator.transfers import blind, peer_of, redirect
from tests.ami_listener.simulator.scenarios import called, internal, lab


def test_nobody_transfers_to_a_colleague_who_talks() -> None:
    one = lab(("trunk", "201", Talk(5.0, "near", (Deed(1.0, "blind", "202"),))))
    one.call_from("202", "6001")
    assert called(one, "5001").truth[-1].transfers == []


def test_a_phone_can_send_away_the_line_it_dialled() -> None:
    one = lab()
    one.call_from("201", "09121112233")
    one.run(3.0)
    blind(one.pbx, one.live("201"), one.live("trunk"), "internal", "202")
    one.run(2.0)
    assert not one.phone("201").channels and peer_of(one.live("trunk")) is one.live("202")
    call = one.live("trunk").call
    assert call is not None and [(t.kind, t.to) for t in call.transfers] == [("blind", "202")]


def test_a_transfer_to_nobody_ends_by_itself() -> None:
    one = lab()
    one.pbx.devices.pop("PJSIP/203")
    one.call_in("5001")
    one.run(3.0)
    blind(one.pbx, one.live("201"), one.live("trunk"), "internal", "203")
    one.run(2.0)
    assert [(call.outcome, call.hung_up_by) for call in one.truth] == [("answered", "system")]


def test_a_redirected_phone_leaves_its_party_behind() -> None:
    one = lab()
    one.call_in("5001")
    one.run(3.0)
    phone = one.live("201")
    redirect(one.pbx, phone, "internal", "6001")
    one.run(1.0)
    assert not one.phone("trunk").channels and phone.bridge is one.pbx.conferences["room1"]


def test_internal_parties_have_peers() -> None:
    one = internal("202", ("201", "202", Talk(2.0, "near")))
    assert one.truth[0].talk.keys() == {"PJSIP/201", "PJSIP/202"}
