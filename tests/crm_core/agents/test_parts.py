"""What a call is to our agents."""

from __future__ import annotations

import msgspec
import pytest

from crm_core.agents.parts import in_vain, parts_of
from cti.live.events import LegState
from cti.live.record import LegResult
from tests.crm_core.agents.floors import call, leg


def at(_pbx: str, _endpoint: str, extension: str | None) -> tuple[str, ...]:
    return (f"u{extension}",) if extension else ()


@pytest.mark.parametrize(
    ("state", "answered", "doing", "talked"),
    [
        ("ringing", False, "ring", False),
        ("up", False, "ring", False),
        ("up", True, "talk", True),
        ("talking", True, "talk", True),
        ("held", True, "hold", True),
        ("consulting", True, "cons", False),
    ],
)
def test_what_his_phone_does(state: LegState, answered: bool, doing: str, talked: bool) -> None:
    (part,) = parts_of(call(leg(state, answered=answered)), at).values()
    assert (part.doing, part.talked, part.queue, part.pbx) == (doing, talked, "sales", "main")


def test_a_colleague_who_is_asked_has_not_got_the_caller() -> None:
    """Answered, and not yet joined: the caller is still the first one's."""
    parts = parts_of(call(leg("held", answered=True), leg("up", answered=True, extension="202", uid="3")), at)
    assert parts["u201"].talked
    assert not parts["u202"].talked


def test_of_his_two_phones_the_one_that_does_most() -> None:
    def both(_pbx: str, _endpoint: str, _extension: str | None) -> tuple[str, ...]:
        return ("u1",)

    (part,) = parts_of(call(leg("ringing"), leg("talking", answered=True, extension="202", uid="3")), both).values()
    assert part.doing == "talk"


def test_who_dials() -> None:
    record_leg, live = leg("up")
    dialling = (msgspec.structs.replace(record_leg, role="caller"), live)
    (part,) = parts_of(call(dialling, queue=None, direction="outbound"), at).values()
    assert (part.doing, part.talked) == ("dial", False)


@pytest.mark.parametrize("direction", ["internal", "outbound"])
def test_ones_own_phone_that_rings_for_a_click_is_calling(direction: str) -> None:
    """It is rung first and is nobody's call to him."""
    begins = leg("ringing", uid="tamas-1.2")
    assert parts_of(call(begins, queue=None, direction=direction), at)["u201"].doing == "dial"
    up = leg("up", answered=True, uid="tamas-1.2")
    theirs = leg("ringing", extension="202", uid="3")
    found = parts_of(call(up, theirs, queue=None, direction=direction), at)
    assert (found["u201"].doing, found["u202"].doing) == ("dial", "ring")
    begun, live = leg("up", answered=True)
    voicemail = msgspec.structs.replace(begun, role="caller"), live
    assert parts_of(call(voicemail, queue=None, direction=direction), at)["u201"].doing == "talk"
    assert parts_of(call(voicemail, theirs, queue=None, direction=direction), at)["u201"].doing == "dial"
    both = leg("talking", answered=True, uid="tamas-1.2"), leg("talking", answered=True, extension="202", uid="3")
    assert parts_of(call(*both, queue=None, direction=direction), at)["u201"].doing == "talk"


def test_who_listens_in_has_no_part() -> None:
    spied = call(leg("talking", answered=True))
    assert (
        parts_of(msgspec.structs.replace(spied, record=msgspec.structs.replace(spied.record, kind="monitoring")), at)
        == {}
    )


@pytest.mark.parametrize(
    ("result", "counts"),
    [
        ("noanswer", True),
        ("declined", True),
        ("busy", True),
        ("cancelled", False),
        ("answered", False),
        ("failed", False),
    ],
)
def test_in_vain(result: LegResult, counts: bool) -> None:
    assert bool(list(in_vain(call(leg("ended", result=result)).record))) is counts
    assert not list(in_vain(call(leg("ended", result=result), queue=None).record)), "only a queue's calls"
