from __future__ import annotations

from crm_core.users.places import Place, Places
from cti.control.phones import PhoneAt

SARA = Place("sara", "Sara", ("201",), (PhoneAt("main", "PJSIP/201", "201"), PhoneAt("main", "PJSIP/99201", "201")))
REZA = Place("reza", "Reza", ("10",))
ELHAM = Place("elham", "Elham", ("110", "300"))
NEGAR = Place("negar", "Negar", ("300",))


def places() -> Places:
    made = Places()
    made.take((SARA, REZA, ELHAM, NEGAR))
    return made


def test_every_device_of_an_extension_is_its_owners() -> None:
    known = places()
    assert known.at("main", "PJSIP/201", "201") == known.at("main", "PJSIP/99201", "201") == ("sara",)


def test_where_no_pbx_told_of_the_endpoint_the_extension_says_whose_it_is() -> None:
    known = places()
    assert known.at("main", "SIP/10", "10") == ("reza",)
    assert known.at("main", "SIP/110", "110") == ("elham",)
    assert known.at("main", "PJSIP/1", "1") == () == known.at("main", "PJSIP/trunk", None)


def test_a_phone_of_several_is_everybodys() -> None:
    assert places().at("main", "PJSIP/300", "300") == ("elham", "negar")


def test_what_is_told_replaces_everything() -> None:
    known = places()
    known.take((REZA,))
    assert known.of("sara") is None and known.of("reza") == REZA and tuple(known.all()) == (REZA,)
    assert known.at("main", "PJSIP/201", "201") == ()
