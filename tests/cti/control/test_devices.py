import pytest

from cti.control.devices import BY_NAME, MAKES, REASONS, SOFTPHONE, UNKNOWN, Reach, capabilities, kind_of, make_of
from cti.control.port import Device

YEALINK, GRANDSTREAM = BY_NAME["yealink"], BY_NAME["grandstream"]


@pytest.mark.parametrize(
    ("device", "name"),
    [
        (None, "unknown"), (Device(), "unknown"), (Device(agent="MicroSIP/3.21"), "unknown"),
        (Device(True, "JsSIP 3.10"), "softphone"), (Device(agent="Yealink SIP-T46U 108.86.0.20"), "yealink"),
        (Device(agent="PolycomVVX-VVX_411-UA/6.4"), "poly"), (Device(agent="Poly/EdgeE350"), "poly"),
        (Device(agent="snomD785/10.1.152"), "snom"), (Device(agent="Cisco/SPA504G-7.6.2f"), "cisco-spa"),
        (Device(agent="Grandstream GXP2170 1.0.11"), "grandstream"), (Device(agent="Not a Yealink"), "unknown"),
    ],
)  # fmt: skip
def test_the_make_by_what_the_registration_names(device: Device | None, name: str) -> None:
    assert make_of(device).name == name


def test_kinds() -> None:
    assert [kind_of(make) for make in (SOFTPHONE, UNKNOWN, *MAKES)] == ["softphone", "unknown", *["desk"] * len(MAKES)]


@pytest.mark.parametrize(
    ("make", "reach", "answer"),
    [
        (SOFTPHONE, Reach(notify=False), True), (YEALINK, Reach(), True), (YEALINK, Reach(notify=False), "no_right"),
        (GRANDSTREAM, Reach(), "press_on_phone"), (UNKNOWN, Reach(), "unknown_phone"),
    ],
)  # fmt: skip
def test_answering_and_holding(make, reach: Reach, answer: object) -> None:  # type: ignore[no-untyped-def]
    assert capabilities(make, "ring", reach) == {"hangup": True, "answer": answer}
    assert capabilities(make, "talk", reach)["hold"] == answer
    held = capabilities(make, "hold", reach)
    assert held["unhold"] == answer
    assert "hold" not in held
    if answer is not True:
        assert answer in REASONS


def test_what_makes_no_sense_is_left_out() -> None:
    assert capabilities(YEALINK, "off", Reach()) == {}
    assert capabilities(YEALINK, "ring", Reach(), placed=True) == {"hangup": True}
    assert capabilities(YEALINK, "dial", Reach()) == {"hangup": True, "dtmf": True}
    assert capabilities(YEALINK, "park", Reach()) == {"fetch": True}
    talk = capabilities(YEALINK, "talk", Reach())
    assert {"transfer", "consult", "park", "record", "dtmf"} <= talk.keys()
    assert not {"complete", "swap", "answer", "pause-recording", "unhold"} & talk.keys()
    assert "pause-recording" in capabilities(YEALINK, "talk", Reach(), recorded=True)
    assert not {"transfer", "consult"} & capabilities(YEALINK, "talk", Reach(), conference=True).keys()


def test_while_somebody_is_asked() -> None:
    rings = capabilities(YEALINK, "cons", Reach(), consulting="ring")
    assert {"complete", "cancel"} <= rings.keys()
    assert not {"swap", "join", "transfer"} & rings.keys()
    for consulting in ("talk", "swapped"):
        talks = capabilities(YEALINK, "cons", Reach(), consulting=consulting)  # type: ignore[arg-type]
        assert {"complete", "cancel", "swap", "join", "hangup"} <= talks.keys()


def test_what_the_pbx_or_our_login_lacks() -> None:
    can = capabilities(YEALINK, "talk", Reach(notify=False, record=False, include=False))
    assert (can["transfer"], can["consult"], can["record"]) == ("no_include", "no_include", "no_right")
    assert can["park"] is True
    assert capabilities(YEALINK, "talk", Reach(include=None))["transfer"] is True
