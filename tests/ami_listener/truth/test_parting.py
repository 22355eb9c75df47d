"""A call that may go on waits, with all that bears on it; what is over goes, whole."""

from __future__ import annotations

from ami_listener.truth.parting import part
from ami_listener.truth.rows import CdrRow, Rows
from tests.ami_listener.truth.traces import ZERO, Story


def short(story: Story, at: float, uid: str, **fields: str) -> Story:
    return story.born(at, f"PJSIP/20{uid}-0{uid}", uid, **fields).gone(at + 5, f"PJSIP/20{uid}-0{uid}", uid)


def over(story: Story, before: float, *cdr: CdrRow) -> set[str]:
    done, held = part(Rows(story.rows, cdr), ZERO + before)
    assert sorted((*done.cel, *held.cel), key=hash) == sorted(story.rows, key=hash)
    assert {r.uniqueid for r in done.cel}.isdisjoint(r.uniqueid for r in held.cel)
    assert len(done.cdr) + len(held.cdr) == len(cdr)
    uniqueids = {r.uniqueid for r in done.cel} | {r.uniqueid for r in done.cdr}
    return {uniqueid.rpartition(".")[2] for uniqueid in uniqueids}


def detail(uid: str, end: float, dstchannel: str = "", linkedid: str = "") -> CdrRow:
    return CdrRow(
        start=ZERO,
        end=ZERO + end,
        channel=f"PJSIP/20{uid}-0{uid}",
        uniqueid=f"1795311000.{uid}",
        dstchannel=dstchannel,
        linkedid=linkedid,
    )


def test_what_is_up_waits_and_what_is_over_goes() -> None:
    story = short(Story(), 0, "1").born(2, "PJSIP/202-02", "2")
    assert over(short(story, 8, "3"), 10, detail("1", 5), detail("2", 20)) == {"1"}


def test_a_part_of_a_call_waits_for_the_rest() -> None:
    story = short(Story(), 0, "1")
    story.born(1, "PJSIP/202-02", "2", "1")
    assert over(story, 100) == set()
    assert over(story.gone(50, "PJSIP/202-02", "2", "1"), 100, detail("2", 50)) == {"1", "2"}


def test_a_transfer_ties_calls_together() -> None:
    story = short(short(Story(), 0, "1"), 0, "2")
    story.row(3, "ATTENDEDTRANSFER", "PJSIP/201-01", "1", extra={"channel2_uniqueid": "1795311000.3"})
    assert over(story.born(3, "PJSIP/203-03", "3"), 100) == {"2"}


def test_who_met_in_a_bridge_waits_for_the_others() -> None:
    story = short(short(Story(), 0, "1"), 0, "2").born(0, "PJSIP/203-03", "3")
    story.enter(1, "room", "PJSIP/201-01", "1").enter(1, "room", "PJSIP/203-03", "3")
    assert over(story, 100) == {"2"}
    bare = short(short(Story(), 0, "1"), 0, "2").born(0, "PJSIP/203-03", "3")
    bare.row(1, "BRIDGE_ENTER", "PJSIP/201-01", "1", peer="PJSIP/203-03")
    bare.row(1, "BRIDGE_ENTER", "PJSIP/203-03", "3")
    assert over(bare, 100) == {"2"}


def test_without_cel_the_details_of_a_call_wait_for_its_last() -> None:
    first, second = detail("1", 5, dstchannel="PJSIP/209-09"), detail("2", 500, dstchannel="PJSIP/209-09")
    assert over(Story(), 100, first, second, detail("3", 6)) == {"3"}
    linked = detail("1", 5, linkedid="x"), detail("2", 500, linkedid="x")
    assert over(Story(), 100, *linked, detail("3", 6)) == {"3"}
