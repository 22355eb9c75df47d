"""An agent's states: the table, the stack of pauses, and a wrap-up that no call slips into."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.live.agents import NO_WRAP, TRANSITIONS, Agent, Doing, Kept, Membership, Part, WrapRule

T = 1_800_000_000.0
SALES = Membership("main", "sales", "PJSIP/201")
SUPPORT = Membership("main", "support", "PJSIP/201")
RULE = WrapRule()


def agent(**rules: object) -> Agent:
    made = Agent("u1")
    made.sign_in(T, (SALES, SUPPORT))
    return made


def part(doing: Doing, call: str = "c1", *, queue: str | None = "sales", talked: bool = False) -> Part:
    return Part(call, "main", doing, T, queue, talked)


def talk(one: Agent, call: str = "c1", rule: WrapRule = RULE, at: float = T) -> None:
    one.join(part("ring", call), at, rule)
    one.join(part("talk", call, talked=True), at, rule)


def kinds(one: Agent) -> list[str]:
    return [noted.kind for noted in one.noted]


# --- signing in and out


def test_who_never_signed_in_is_off_and_leaves_queues_alone() -> None:
    one = Agent("u1")
    assert (one.own, one.paused, one.memberships) == ("off", False, {})
    assert not one.pause(T, "lunch", "Lunch")
    assert not one.sign_out(T)
    talk(one)
    assert one.shown[0] == "talk", "the phone shows all the same"
    one.leave("c1", T)
    assert one.wrap is None


def test_signing_in_to_other_queues_leaves_the_old_ones() -> None:
    one = agent()
    assert one.own == "ready"
    one.sign_in(T + 1, (SUPPORT,))
    assert {m.queue: m.on for m in one.memberships.values()} == {"sales": False, "support": True}
    assert one.since == T, "he was ready before"


def test_signing_out_ends_pauses_and_wrap_up() -> None:
    one = agent()
    talk(one)
    one.leave("c1", T)
    one.pause(T, "lunch", "Lunch")
    assert one.sign_out(T + 5)
    assert (one.own, one.pauses, one.wrap, one.due) == ("off", [], None, None)
    assert not any(m.on for m in one.memberships.values())


# --- pauses


def test_reasons_are_a_stack_and_going_back_takes_one() -> None:
    one = agent()
    assert one.pause(T + 1, "lunch", "Lunch")
    assert one.pause(T + 2, "meeting", "Meeting")
    assert one.pause(T + 3, "meeting", "Meeting"), "the same again changes nothing"
    assert [p.reason for p in one.pauses] == ["lunch", "meeting"]
    assert one.resume(T + 4)
    assert (one.own, one.since, [p.reason for p in one.pauses]) == ("pause", T + 1, ["lunch"])
    assert one.resume(T + 5)
    assert (one.own, one.since) == ("ready", T + 5)
    assert not one.resume(T + 6)


def test_all_pauses_at_once() -> None:
    one = agent()
    one.pause(T, "lunch", "Lunch")
    one.pause(T, "meeting", "Meeting")
    one.resume(T, all_of_them=True)
    assert one.own == "ready"
    assert kinds(one)[-3:] == ["resume", "resume", "ready"]


def test_one_pause_is_lifted_wherever_it_stands() -> None:
    one = agent()
    one.pause(T, "pbx", "Boss", by="pbx")
    one.pause(T + 1, "lunch", "Lunch")
    assert one.lift(T + 2, "pbx", by="pbx")
    assert [p.reason for p in one.pauses] == ["lunch"]
    assert not one.lift(T + 3, "pbx")
    assert one.lift(T + 4, "lunch")
    assert (one.own, one.since) == ("ready", T + 4)


# --- wrap-up


def test_the_agent_is_paused_from_the_answer_until_the_wrap_up_is_over() -> None:
    one = agent()
    one.join(part("ring"), T, RULE)
    assert not one.paused
    one.join(part("talk", talked=True), T + 5, RULE)
    assert (one.shown[0], one.paused, one.wrapping) == ("talk", True, True)
    one.leave("c1", T + 60)
    assert (one.shown, one.paused, one.due) == (("wrap", T + 60), True, T + 90)
    assert not one.tick(T + 89.9)
    assert one.tick(T + 90)
    assert (one.shown, one.paused) == (("ready", T + 90), False)


def test_a_wrap_up_is_made_longer_a_few_times() -> None:
    one = agent()
    talk(one)
    one.leave("c1", T)
    assert one.extend(T + 1)
    assert one.extend(T + 2, 10)
    assert one.due == T + 30 + 30 + 10
    assert not one.extend(T + 3), "twice is the rule"
    assert one.wrap is not None
    assert one.wrap.extended == 2


def test_an_open_wrap_up_lasts_until_it_is_done() -> None:
    one = agent()
    talk(one, rule=WrapRule(None, mandatory=True))
    one.leave("c1", T)
    assert (one.own, one.due) == ("wrap", None)
    assert not one.extend(T)
    assert not one.tick(T + 1e6)
    one.saved(T + 5, "another call")
    assert one.own == "wrap"
    one.saved(T + 6, "c1")
    assert one.own == "ready"


def test_a_result_saved_while_talking_makes_the_wrap_up_needless() -> None:
    one = agent()
    talk(one)
    one.saved(T, "c1")
    assert one.paused, "he still talks"
    one.leave("c1", T + 1)
    assert (one.own, one.paused) == ("ready", False)


def test_a_pause_during_wrap_up_is_for_afterwards() -> None:
    one = agent()
    talk(one)
    one.leave("c1", T)
    one.pause(T + 1, "lunch", "Lunch")
    assert one.own == "wrap"
    one.finish(T + 2)
    assert (one.own, one.since) == ("pause", T + 1)


def test_no_wrap_up_where_the_rule_has_none() -> None:
    one = agent()
    talk(one, rule=NO_WRAP)
    assert not one.paused
    one.leave("c1", T)
    assert one.own == "ready"


def test_back_in_the_call_it_is_no_wrap_up_any_more() -> None:
    one = agent()
    talk(one)
    one.leave("c1", T)
    talk(one, at=T + 3)
    assert one.wrap is None
    assert one.paused
    one.leave("c1", T + 9)
    assert one.due == T + 39


def test_the_next_call_has_the_next_wrap_up() -> None:
    one = agent()
    talk(one)
    one.leave("c1", T)
    talk(one, "c2", at=T + 3)
    one.leave("c2", T + 9)
    assert one.wrap is not None
    assert (one.wrap.call, kinds(one).count("wrap_over")) == ("c2", 1)


def test_a_call_that_became_part_of_another_keeps_its_wrap_up() -> None:
    one = agent()
    talk(one)
    one.merged("c1", "c0")
    one.leave("c0", T)
    assert one.wrap is not None
    assert one.wrap.call == "c0"
    one.merged("c0", "c00")
    assert one.finish(T, "c00")


# --- missed rings


def test_away_after_a_missed_ring_and_back_by_ready() -> None:
    one = agent()
    one.miss("c1", T, 1, "Missed call", "sales")
    assert (one.own, one.pauses[-1].reason, one.missed and one.missed.call) == ("pause", "missed", "c1")
    one.resume(T + 1)
    assert (one.own, one.missed, one.missed_in_row) == ("ready", None, 0)


def test_away_only_after_so_many_in_a_row() -> None:
    one = agent()
    one.miss("c1", T, 2, "Missed call", "sales")
    talk(one, "c2", NO_WRAP)
    one.leave("c2", T)
    one.miss("c3", T, 2, "Missed call", "sales")
    assert one.own == "ready"
    one.miss("c4", T, 2, "Missed call", "sales")
    assert one.own == "pause"


def test_never_away_where_nobody_wants_it_so() -> None:
    one = agent()
    for n in range(5):
        one.miss(f"c{n}", T, 0, "Missed call", "sales")
    assert one.own == "ready"


# --- whatever happens


def test_of_several_calls_the_talk_is_shown() -> None:
    one = agent()
    one.join(part("ring", "c1"), T, RULE)
    one.join(part("hold", "c2"), T, RULE)
    assert one.shown[0] == "hold"
    one.join(part("talk", "c3"), T, RULE)
    assert one.shown[0] == "talk"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["sign_in", "sign_out", "pause", "resume", "talk", "leave", "finish", "extend", "saved", "miss", "tick"]
        ),
        st.sampled_from(["c1", "c2"]),
    ),
    max_size=30,
)


def step(one: Agent, name: str, call: str, at: float) -> None:
    match name:
        case "sign_in":
            one.sign_in(at, (SALES,))
        case "pause":
            one.pause(at, call, call)
        case "talk":
            talk(one, call, at=at)
        case "leave":
            one.leave(call, at)
        case "saved":
            one.saved(at, call)
        case "miss":
            one.miss(call, at, 1, "Missed", "sales")
        case _:
            getattr(one, name)(at)


@given(STEPS)
def test_in_every_order_the_states_hold_and_are_kept(steps: list[tuple[str, str]]) -> None:
    one = Agent("u1")
    for n, (name, call) in enumerate(steps):
        step(one, name, call, T + n * 7)
        assert one.paused == (one.own in ("pause", "wrap") or bool(one.owed))
        assert one.own == "off" or one.on
        if not one.on:
            assert not one.owed
            assert one.wrap is None
        again = Agent("u1", msgspec.json.decode(msgspec.json.encode(one.kept()), type=Kept))
        assert again.kept() == one.kept()
        assert (again.own, again.paused, again.due) == (one.own, one.paused, one.due)


@pytest.mark.parametrize("own", ["off", "ready", "pause", "wrap"])
def test_the_table_knows_a_way_into_and_out_of_every_state(own: str) -> None:
    assert any(after in (own, "beneath") for after in TRANSITIONS.values())
    assert any(before == own for before, _ in TRANSITIONS)
