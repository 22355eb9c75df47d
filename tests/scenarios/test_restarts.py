"""The PBX or the link goes away and comes back: nothing that is gone stays, nothing whole is doubted."""

from __future__ import annotations

import pytest

from ami_listener.replay import Replay
from cti.live.profile import Profile
from cti.live.record import CallRecord
from cti.live.tracker import Tracker
from tests.scenarios.script import PROFILE, START, Chan, Script, played, record, records


def a_call(s: Script, seconds: float = 10.0) -> tuple[Chan, Chan]:
    """A call that is talking."""
    caller = s.calls_in()
    agent = s.dials(caller, "PJSIP/201")
    s.wait(2)
    s.talk(caller, agent)
    s.wait(seconds)
    return caller, agent


def whole_call(s: Script) -> None:
    caller, agent = a_call(s)
    s.hangs_up(caller, agent)


def settle(run: Replay) -> None:
    """Time passes in silence."""
    for seconds in (1, 5):
        run.tracker.tick(run.tracker.now + seconds)


def whole(found: CallRecord) -> bool:
    return found.outcome == "answered" and found.talk_seconds == pytest.approx(10) and not found.provisional


# --- Asterisk itself


def test_a_restart_in_mid_call_loses_the_call_and_leaves_no_ghost() -> None:
    s = Script()
    whole_call(s)
    a_call(s)
    s.member("support", "PJSIP/203")
    s.restarts()
    s.wait(20)
    s.reconnects(uptime=3)
    s.lists()
    s.wait(1)
    whole_call(s)
    before, lost, after = records(s)
    assert whole(before)
    assert whole(after)
    assert lost.outcome == "lost"
    assert lost.talk_seconds == pytest.approx(10)


def test_channel_names_that_begin_again_are_other_channels() -> None:
    s = Script()
    a_call(s)
    s.restarts()
    s.wait(20)
    s.reconnects(uptime=3)
    s.lists()
    caller, agent = a_call(s, 30)
    assert (caller.name, agent.name) == ("PJSIP/trunk-00000000", "PJSIP/201-00000001")
    s.hangs_up(agent, caller)
    lost, found = records(s)
    assert lost.outcome == "lost"
    assert (found.outcome, found.hung_up_by) == ("answered", "agent")
    assert found.talk_seconds == pytest.approx(30)


def test_local_halves_with_the_names_of_old_ones_find_each_other() -> None:
    s = Script()
    old = s.calls_in()
    s.local(old, "201")
    s.restarts()
    s.wait(20)
    s.reconnects(uptime=2)
    s._made = s.boot = 0  # the very same names
    s.lists()
    caller = s.calls_in()
    one, two = s.local(caller, "201")
    agent = s.dials(two, "PJSIP/201")
    s.talk(two, agent)
    s.talk(caller, one)
    s.wait(10)
    s.hangs_up(caller, one, two, agent)
    found = records(s)[-1]
    assert found.talk_seconds == pytest.approx(10)
    assert found.outcome == "answered"


def test_a_shutdown_is_told_and_its_calls_are_lost() -> None:
    s = Script()
    a_call(s)
    s.event("Shutdown", ("Shutdown", "Cleanly"), ("Restart", "False"))
    s.restarts()
    s.reconnects(uptime=5)
    s.lists()
    assert record(s).outcome == "lost"
    assert played(s).finish()[0].talk_seconds == pytest.approx(10)


def test_the_word_booted_in_the_middle_of_a_connection_ends_nothing() -> None:
    s = Script()
    caller, agent = a_call(s)
    s.out.append(b"Event: FullyBooted\r\nUptime: 0\r\nStatus: Fully Booted\r\n\r\n")
    s.wait(10)
    s.hangs_up(caller, agent)
    assert record(s).talk_seconds == pytest.approx(20)


# --- the periodic list


def test_a_list_that_lacks_a_channel_ends_it_after_a_moment() -> None:
    s = Script()
    caller, agent = a_call(s)
    s.channels.clear()
    s.wait(300)
    s.lists()
    run = played(s)
    settle(run)
    assert run.tracker.snapshot() == []
    (found,) = run.finish()
    assert found.outcome == "lost"
    assert {caller.uid, agent.uid} >= {leg.uniqueid for leg in found.legs}


def test_a_list_that_overtakes_a_hangup_loses_nothing() -> None:
    s = Script()
    caller, agent = a_call(s)
    channels = dict(s.channels)
    s.channels.clear()
    s.lists()
    s.channels.update(channels)
    s.hangs_up(agent, caller)
    s.wait(5)
    found = record(s)
    assert whole(found)
    assert played(s).tracker.oddities == {}


def test_a_list_that_overtakes_everything_a_call_did_changes_nothing() -> None:
    """What the list says first comes again as events, with its own times."""
    s = Script()
    s.lists("first")
    at = len(s.out)
    caller, agent = a_call(s, 0.5)
    told = s.out[at:]
    del s.out[at:]
    s.lists()
    s.out += told
    s.wait(9.5)
    s.hangs_up(caller, agent)
    found = record(s)
    assert whole(found)
    assert found.wait_seconds == pytest.approx(2)
    assert found.caller.raw == "09121112233"


def test_a_list_is_older_than_what_came_after_its_beginning() -> None:
    s = Script()
    caller = s.calls_in()
    agent = s.dials(caller, "PJSIP/201")
    s.wait(2)
    s.list_begins()
    s.list_item(caller)
    s.list_item(agent)
    s.talk(caller, agent)
    third = s.calls_in("02144445555")
    s.list_ends("c", 2)
    s.wait(10)
    s.hangs_up(caller, agent)
    s.hangs_up(third)
    talked, other = records(s)
    assert whole(talked)
    assert other.outcome == "abandoned"
    assert played(s).tracker.oddities == {}


@pytest.mark.parametrize(
    "spoilt",
    [{"short": 1}, {"ended": "cancelled"}, {"between": b"Event: CoreShowChannel\r\nActionID: c\r\nChannel: x\r\n\r\n"}],
)
def test_a_list_that_is_not_whole_is_not_believed(spoilt: dict[str, object]) -> None:
    s = Script()
    caller, agent = a_call(s)
    s.lists(**spoilt)  # type: ignore[arg-type]
    s.wait(10)
    s.hangs_up(caller, agent)
    run = played(s)
    (found,) = run.finish()
    assert found.talk_seconds == pytest.approx(20)
    assert found.outcome == "answered"
    assert run.tracker.oddities["a list came incomplete"] == 1
    assert run.tracker.board.resync_wanted == "a list came incomplete"


def test_a_change_that_only_the_list_knows_is_followed() -> None:
    """An event was lost: the talk began unseen."""
    s = Script()
    caller = s.calls_in()
    agent = s.dials(caller, "PJSIP/201")
    s.wait(2)
    mark = len(s.out)
    s.talk(caller, agent)
    s.missed(mark)
    s.lists()
    run = played(s)
    assert run.tracker.snapshot()[0].state == "ringing"
    settle(run)
    assert run.tracker.snapshot()[0].state == "talking"
    assert run.tracker.oddities["a change was seen only in a list"] == 2


def test_a_call_that_only_the_list_knows_is_shown_and_lost() -> None:
    s = Script()
    s.lists("first")
    mark = len(s.out)
    caller, agent = a_call(s)
    s.missed(mark)
    s.lists()
    run = played(s)
    assert [call.record.caller.raw for call in run.tracker.snapshot()] == ["09121112233"]
    s.hangs_up(caller, agent)
    assert record(s).outcome == "lost"


def test_calls_that_were_up_before_we_ever_listened_are_not_lost() -> None:
    s = Script()
    caller, agent = a_call(s)
    s.missed(1)
    s.lists()
    s.wait(7)
    s.hangs_up(caller, agent)
    found = record(s)
    assert found.outcome == "answered"
    assert found.started_at == START


# --- the link


def test_calls_before_and_after_a_gap_are_whole() -> None:
    s = Script()
    whole_call(s)
    mark = len(s.out)
    whole_call(s)
    s.missed(mark)
    s.reconnects()
    s.lists()
    whole_call(s)
    before, after = records(s)
    assert whole(before)
    assert whole(after)


def test_a_call_that_begins_before_the_answers_come_is_whole() -> None:
    s = Script()
    whole_call(s)
    s.reconnects()
    s.list_begins()
    caller, agent = a_call(s)
    s.list_ends("c", 0)
    s.hangs_up(caller, agent)
    assert [whole(found) for found in records(s)] == [True, True]


@pytest.mark.parametrize("answers", [True, False])
def test_several_gaps_in_one_stream(answers: bool) -> None:
    s = Script()
    caller, agent = a_call(s)
    for _ in range(4):
        s.reconnects()
        if answers:
            s.lists()
        s.wait(10)
    s.hangs_up(caller, agent)
    whole_call(s)
    found, after = records(s)
    assert found.outcome == "lost"
    assert found.talk_seconds == pytest.approx(50)
    assert whole(after)


def test_a_call_that_died_in_the_first_of_two_gaps_ended_there() -> None:
    s = Script()
    caller, agent = a_call(s)
    died = s.now
    mark = len(s.out)
    s.hangs_up(caller, agent)
    s.missed(mark)
    s.reconnects()
    s.wait(60)
    whole_call(s)
    s.reconnects()
    s.lists()
    s.wait(5)
    whole_call(s)
    lost, between, after = records(s)
    assert lost.outcome == "lost"
    assert lost.ended_at == pytest.approx(died)
    assert whole(between)
    assert whole(after)


def test_a_gap_before_any_event_is_none() -> None:
    s = Script()
    s.reconnects()
    caller, agent = a_call(s)
    s.missed(2)
    s.lists()
    s.hangs_up(caller, agent)
    assert record(s).outcome == "answered"


def test_a_gap_and_a_restart_in_it() -> None:
    s = Script()
    a_call(s)
    mark = len(s.out)
    whole_call(s)
    s.restarts()
    s.missed(mark)
    s.wait(30)
    s.reconnects(uptime=10)
    caller, agent = a_call(s)
    s.lists()
    s.hangs_up(caller, agent)
    lost, after = records(s)
    assert lost.outcome == "lost"
    assert whole(after)


def test_a_stream_without_its_first_greeting_has_gaps_all_the_same() -> None:
    """A journal whose oldest files are gone begins in the middle."""
    s = Script(out=[])
    a_call(s)
    s.restarts()
    s.reconnects()
    s.lists()
    assert record(s).outcome == "lost"


# --- several PBXs, long calls


def test_two_pbxs_with_the_same_ids_are_kept_apart() -> None:
    one, other = Script(), Script()
    whole_call(one)
    caller, agent = a_call(other, 25)
    other.hangs_up(agent, caller)
    first = Replay(Profile(PROFILE), "tehran")
    second = Replay(Profile(PROFILE), "tabriz")
    for a, b in zip(one.out, other.out, strict=True):
        first.feed(a)
        second.feed(b)
    (here,), (there,) = first.finish(), second.finish()
    assert (here.linkedid, here.id, here.pbx) == (there.linkedid, "tehran-1800000000.0", "tehran")
    assert there.id == "tabriz-1800000000.0"
    assert (here.talk_seconds, there.talk_seconds) == (pytest.approx(10), pytest.approx(25))
    assert (here.hung_up_by, there.hung_up_by) == ("caller", "agent")


def test_a_call_of_three_days_is_exact() -> None:
    s = Script()
    caller, agent = a_call(s, 3 * 86400 + 0.25)
    s.hangs_up(caller, agent)
    assert record(s).talk_seconds == pytest.approx(3 * 86400 + 0.25, abs=1e-3)


def test_a_clock_that_is_set_is_followed() -> None:
    s = Script()
    whole_call(s)
    s.now -= 30 * 86400
    whole_call(s)
    s.now += 60 * 86400
    whole_call(s)
    run = played(s)
    assert run.tracker.now == pytest.approx(s.now)
    assert [whole(found) for found in run.finish()] == [True, True, True]


def test_one_broken_stamp_does_not_move_time() -> None:
    s = Script()
    caller, agent = a_call(s)
    right = s.now
    s.now += 50 * 365 * 86400
    s.about("NewCallerid", caller)
    s.now = right
    s.hangs_up(caller, agent)
    run = played(s)
    assert run.tracker.now == pytest.approx(right)
    assert whole(run.finish()[0])


def test_the_tracker_of_nothing_has_nothing() -> None:
    tracker = Tracker("main")
    tracker.tick(START)
    assert (tracker.take(), tracker.snapshot(), tracker.queues(), tracker.oddities) == ([], [], [], {})
