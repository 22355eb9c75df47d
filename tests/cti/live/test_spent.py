"""Where an agent's time went: cut at borders, nothing counted twice, and the wrap-up after each call."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from cti.live.agents import Noted, NoteKind
from cti.live.counted import CallFacts, Talk, Visit
from cti.live.figures import occupancy
from cti.live.shifts import Shift, Spell, shifts_of
from cti.live.spent import by_quarter, seconds_of, total_of, visits_of, wraps_of
from tests.cti.live.figured_day import DAY

TEHRAN = ZoneInfo("Asia/Tehran")


def talk(*stretches: tuple[float, float | None]) -> Talk:
    return Talk(("u",), "201", stretches)


def test_two_calls_at_once_are_one_time() -> None:
    spells = (Spell("ready", DAY, None),)
    talks = (talk((DAY + 10, DAY + 30)), talk((DAY + 20, DAY + 50)))  # the first on hold during the second
    spent = seconds_of(spells, talks, DAY, DAY + 100, DAY + 100, TEHRAN)
    assert (spent.calls, spent.busy, spent.available, spent.signed_in) == (2, 40.0, 60.0, 100.0)


def test_a_call_in_a_pause_or_in_wrap_up_takes_nothing_from_ready() -> None:
    spells = (
        Spell("pause", DAY, DAY + 50, "lunch"),
        Spell("wrap", DAY + 50, DAY + 80, "", "c1"),
        Spell("ready", DAY + 80, None),
    )
    spent = seconds_of(spells, (talk((DAY + 40, DAY + 60)),), DAY, DAY + 100, DAY + 100, TEHRAN)
    assert (spent.paused, spent.wrap, spent.available, spent.busy) == (50.0, 30.0, 20.0, 20.0)
    assert spent.handle == 40.0, "the ten seconds that he talked in wrap-up count once"
    assert spent.pauses == {"lunch": 50.0}


def test_what_goes_on_goes_on_until_now() -> None:
    spent = seconds_of((Spell("ready", DAY, None),), (talk((DAY + 10, None)),), DAY, DAY + 30, DAY + 30, TEHRAN)
    assert (spent.busy, spent.available) == (20.0, 10.0)


def test_whole_hours_of_who_is_there() -> None:
    spells = (Spell("ready", DAY + 3500, DAY + 3700), Spell("ready", DAY + 9000, DAY + 9001))
    assert seconds_of(spells, (), DAY, DAY + 86_400, DAY + 86_400, TEHRAN).staffed == 3 * 3600.0
    assert seconds_of(spells, (), DAY, DAY + 9_900, DAY + 86_400, TEHRAN).staffed == 9_900.0, (
        "as far as it is asked for"
    )
    assert seconds_of((), (), DAY, DAY + 86_400, DAY + 86_400, TEHRAN).staffed == 0.0


def test_wrap_up_by_queue() -> None:
    mine, other = Shift(), Shift()
    mine.wraps = {"c1": (Spell("wrap", 10.0, 15.0, "", "c1", "sales"),)}
    other.current = Spell("wrap", 20.0, None, "", "c1", "support")
    call = CallFacts("c1", "main", (), (Talk(("u", "v"), "201", ((1.0, 9.0),)),))
    assert wraps_of({"u": mine, "v": other}, call, 28.0) == ({"sales": 5.0, "support": 8.0}, True)
    assert wraps_of({"u": mine}, call, 28.0) == ({"sales": 5.0}, False)
    assert wraps_of({}, call, 28.0) == ({}, False)


def test_quarters_add_up_to_the_whole() -> None:
    spells = (Spell("ready", DAY + 100.0, DAY + 4000.0), Spell("pause", DAY + 4000.0, DAY + 5000.0, "lunch"))
    talks = (talk((DAY + 890.0, DAY + 910.0)),)
    quarters = by_quarter(spells, talks, DAY, DAY + 86_400.0, DAY + 86_400.0, TEHRAN)
    assert {begin - DAY: (one.busy, one.calls) for begin, one in quarters.items()} == {
        0.0: (10.0, 1), 900.0: (10.0, 0), 1800.0: (0.0, 0), 2700.0: (0.0, 0), 3600.0: (0.0, 0), 4500.0: (0.0, 0),
    }  # fmt: skip
    assert quarters[DAY + 3600.0].pauses == {"lunch": 500.0}
    whole = seconds_of(spells, talks, DAY, DAY + 86_400.0, DAY + 86_400.0, TEHRAN)
    assert total_of(quarters, DAY, DAY + 86_400.0, TEHRAN) == whole
    assert whole.staffed == 7200.0
    first = {begin: one for begin, one in quarters.items() if begin < DAY + 900.0}
    assert total_of(first, DAY, DAY + 900.0, TEHRAN).staffed == 900.0


def test_the_wrap_up_goes_to_the_last_visit_that_was_answered() -> None:
    """Twice in one queue, also where an interval ends between the two: it counts once."""
    shift = Shift()
    shift.wraps = {"c1": (Spell("wrap", 2000.0, 2015.0, "", "c1", "sales"),)}
    visits = (
        Visit("sales", 100.0, "answered", 5.0),
        Visit("sales", 1900.0, "answered", 5.0),
        Visit("sales", 1990.0, "abandoned", 5.0),
    )
    call = CallFacts("c1", "main", visits, (Talk(("u",), "201", ((105.0, 1990.0),)),))
    assert [wrap for _, wrap in visits_of({"u": shift}, call, 3000.0)[0]] == [0.0, 15.0, 0.0]


def test_what_was_talked_before_signing_in_is_no_occupancy() -> None:
    """Else who makes calls first and signs in afterwards would be occupied for more than all of his time."""
    spells = (Spell("ready", DAY + 1000.0, DAY + 2000.0),)
    talks = (talk((DAY, DAY + 1100.0)), talk((DAY + 1900.0, DAY + 2500.0)))
    spent = seconds_of(spells, talks, DAY, DAY + 3600.0, DAY + 3600.0, TEHRAN)
    assert (spent.busy, spent.handle, spent.available, spent.signed_in) == (1700.0, 200.0, 800.0, 1000.0)
    assert [occupancy(name, spent) for name in ("available", "signed_in")] == [20.0, 20.0]


def test_a_call_that_goes_on_with_another_agent_has_no_wrap_up_yet() -> None:
    shift = Shift()
    shift.wraps = {"c1": (Spell("wrap", 20.0, 35.0, "", "c1", "sales"),)}
    visit = Visit("sales", 1.0, "answered", 5.0, over=False)
    call = CallFacts("c1", "main", (visit,), (Talk(("u",), "201", ((6.0, 20.0),)),))
    assert visits_of({"u": shift}, call, 40.0)[0] == [(visit, 0.0)]


def test_a_pause_upon_a_pause_has_each_its_time() -> None:
    """Another reason without having been ready between (T88, T89)."""
    notes: tuple[tuple[float, NoteKind, str], ...] = (
        (0.0, "ready", ""), (10.0, "pause", "break"), (40.0, "pause", "lunch"), (100.0, "resume", "break"),
        (130.0, "resume", "lunch"), (130.0, "ready", ""),
    )  # fmt: skip
    spells = shifts_of(Noted("u", DAY + at, kind, reason) for at, kind, reason in notes)["u"].all()
    spent = seconds_of(spells, (), DAY, DAY + 200.0, DAY + 200.0, TEHRAN)
    assert (spent.pauses, spent.paused, spent.available) == ({"break": 30.0, "lunch": 90.0}, 120.0, 80.0)
