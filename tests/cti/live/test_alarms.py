"""When alerts are raised and cleared: told once, whatever trembles about a limit."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from cti.live import alarms as module
from cti.live.alarms import Alarms, Alert, AlertKind, AlertRule, Subject

SALES = Subject(pbx="main", queue="sales")
WAIT = AlertRule(id="w", kind="wait", limit=60, clear_limit=30, raise_after=5, clear_after=10)


def alarms() -> Alarms:
    numbers = itertools.count(1)
    return Alarms(lambda _at: f"a{next(numbers)}")


def told(rule: AlertRule, *steps: tuple[float, float | None], minute: int = 600, made: Alarms | None = None) -> str:
    """What is said at each (time, value): ``+`` raised, ``-`` cleared, ``!`` worse, ``.`` nothing."""
    made = made or alarms()
    said = ""
    for at, value in steps:
        changed = made.turn(at, minute, [rule], {rule.id: {} if value is None else {SALES: value}})
        marks = ["-" if one.cleared_at is not None else "+" if one.raised_at == at else "!" for one in changed]
        said += "".join(marks) or "."
    return said


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (((0, 59), (5, 59)), ".."),
        (((0, 60), (4, 64), (5, 65)), "..+"),
        (((0, 60), (4, 20), (5, 65), (9, 69), (10, 70)), "....+"),  # it has to last
        (((0, 60), (5, 65), (6, 20), (15, 20), (16, 20)), ".+..-"),
        (((0, 60), (5, 65), (6, 20), (15, 31), (16, 20), (25, 20), (26, 20)), ".+....-"),  # over has to last, too
        (((0, 60), (5, 65), *((6 + n, 59 if n % 2 else 61) for n in range(100))), ".+" + "." * 100),  # flapping
        (((0, 60), (5, 65), (6, None), (16, None)), ".+.-"),  # what it was of is gone
        (((0, 60), (5, 65), (6, 20), (16, 20), (17, 60), (22, 65)), ".+.-.+"),
    ],
)
def test_raised_and_cleared(steps: tuple[tuple[float, float | None], ...], said: str) -> None:
    assert told(WAIT, *steps) == said


def test_service_level_falls() -> None:
    rule = AlertRule(id="s", kind="service_level", limit=80, clear_limit=85, clear_after=0)
    assert told(rule, (0, 80), (1, 79.9), (2, 71), (3, 75), (4, 84), (5, 85)) == ".+!..-"


@pytest.mark.parametrize("kind", ["link_down", "trunk_down", "nobody_ready"])
def test_switches_need_no_limit(kind: AlertKind) -> None:
    rule = AlertRule(id="l", kind=kind, limit=9, clear_limit=0, clear_after=0)
    assert told(rule, (0, 0), (1, 1), (2, 1), (3, 0)) == ".+.-"


@pytest.mark.parametrize(
    ("start", "end", "minute", "quiet"),
    [
        (1320, 420, 1380, True), (1320, 420, 0, True), (1320, 420, 420, False), (1320, 420, 1319, False),
        (60, 120, 60, True), (60, 120, 120, False), (None, None, 60, False), (60, 60, 60, False),
    ],
)  # fmt: skip
def test_quiet_hours(start: int | None, end: int | None, minute: int, quiet: bool) -> None:
    rule = AlertRule(id="w", kind="waiting", limit=2, quiet_from=start, quiet_to=end)
    assert rule.quiet(minute) is quiet
    assert told(rule, (0, 2), minute=minute) == ("." if quiet else "+")


def test_what_still_is_so_after_the_quiet_hours_is_raised_at_once() -> None:
    made, rule = alarms(), AlertRule(id="w", kind="waiting", limit=2, raise_after=60, quiet_from=0, quiet_to=60)
    assert told(rule, (0, 2), (100, 2), minute=59, made=made) == ".."
    assert told(rule, (101, 2), minute=60, made=made) == "+"


def test_a_pbx_that_is_not_seen_changes_nothing_but_its_own_link() -> None:
    made, link = alarms(), AlertRule(id="l", kind="link_down", clear_after=0)
    assert told(WAIT, (0, 60), (5, 65), made=made) == ".+"
    down = {"l": {Subject(pbx="main"): 1.0}}
    (raised,) = made.turn(20, 0, [WAIT, link], down, {"main"})
    assert raised.kind == "link_down"
    assert not made.turn(100, 0, [WAIT, link], down, {"main"}), "who waited is still said to wait"
    gone = made.turn(101, 0, [WAIT, link], {"l": {Subject(pbx="main"): 0.0}})
    assert [one.kind for one in gone] == ["link_down"]
    assert [one.kind for one in made.turn(111, 0, [WAIT, link], {})] == ["wait"]


def test_a_rule_that_is_gone_or_off_takes_its_alerts_along() -> None:
    for rules in ([], [msgspec.structs.replace(WAIT, active=False)]):
        made = alarms()
        told(WAIT, (0, 60), (5, 65), made=made)
        (over,) = made.turn(6, 0, rules, {})
        assert over.cleared_at == 6
        assert not made.open


def test_an_open_one_survives_and_keeps_who_took_it() -> None:
    made = alarms()
    told(WAIT, (0, 60), (5, 65), made=made)
    (alert,) = made.open
    made.put(msgspec.structs.replace(alert, taken_by="u1", taken_name="Sara"))
    kept = msgspec.json.decode(msgspec.json.encode(made.open), type=tuple[Alert, ...])
    again = alarms()
    again.load(kept)
    assert told(WAIT, (100, 160), made=again) == ".", "not raised a second time"
    assert again.open[0].taken_by == "u1"
    assert told(WAIT, (101, 0), (111, 0), made=again) == ".-"


def test_an_open_alert_goes_by_its_rule_as_it_is_now() -> None:
    made, rule = alarms(), AlertRule(id="w", kind="waiting", limit=2, raise_after=0)
    readings = {rule.id: {SALES: 5.0}}
    made.turn(0, 600, [rule], readings)
    harder = msgspec.structs.replace(rule, level="bad", limit=4, window_minutes=30)
    (told,) = made.turn(1, 600, [harder], readings)
    assert (told.level, told.limit, told.window_minutes, told.value, told.raised_at) == ("bad", 4, 30, 5, 0)
    assert not made.turn(2, 600, [harder], readings)


def test_of_one_rule_only_so_many_are_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another rule raises its own; and where one is over another takes its place."""
    monkeypatch.setattr(module, "MOST_OPEN", 2)
    made, again, other = (
        alarms(),
        AlertRule(id="r", kind="repeat", limit=2, clear_after=0),
        AlertRule(id="w", kind="waiting"),
    )
    many = {Subject(number=f"+98{n}"): 5.0 for n in range(4)}
    assert len(made.turn(0, 600, [again, other], {"r": many, "w": {SALES: 3.0}})) == 3
    (first, *_) = (one.subject for one in made.open if one.rule == "r")
    changed = made.turn(1, 600, [again], {"r": {subject: 5.0 for subject in many if subject != first}})
    assert len(changed) == 3, "two are over, the other rule's among them; one is new"
    assert len(made.open) == 2
