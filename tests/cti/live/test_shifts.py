"""An agent's states, read off his notes, also of many that come in one moment."""

from __future__ import annotations

from cti.live.agents import Noted, NoteKind
from cti.live.shifts import Shift, Spell, shifts_of


def shift(*notes: tuple[float, NoteKind, str]) -> Shift:
    return shifts_of(
        Noted("u", at, kind, reason=what if kind in ("pause", "resume") else "", call=what, queue="sales")
        for at, kind, what in notes
    )["u"]


def told(of: Shift) -> list[tuple[str, float, float | None, str]]:
    return [(one.state, one.start, one.end, one.reason or one.call) for one in of.all()]


def test_a_day() -> None:
    one = shift(
        (1.0, "sign_in", ""), (1.0, "sign_in", ""), (5.0, "wrap", "c1"), (6.0, "extend", "c1"),
        (7.0, "wrap_over", "c1"), (7.0, "ready", ""), (9.0, "missed", "c2"), (10.0, "pause", "break"),
        (12.0, "pause", "lunch"), (15.0, "resume", "lunch"), (16.0, "resume", "break"), (16.0, "ready", ""),
        (20.0, "sign_out", ""),
    )  # fmt: skip
    assert told(one) == [
        ("ready", 1.0, 5.0, ""),
        ("wrap", 5.0, 7.0, "c1"),
        ("ready", 7.0, 10.0, ""),
        ("pause", 10.0, 12.0, "break"),
        ("pause", 12.0, 15.0, "lunch"),
        ("pause", 15.0, 16.0, "break"),
        ("ready", 16.0, 20.0, ""),
    ]
    assert one.wraps == {"c1": (Spell("wrap", 5.0, 7.0, "", "c1", "sales"),)}


def test_a_pause_asked_for_in_wrap_up_comes_after_it() -> None:
    one = shift((1.0, "ready", ""), (2.0, "wrap", "c1"), (3.0, "pause", "lunch"), (4.0, "wrap_over", "c1"))
    assert told(one) == [("ready", 1.0, 2.0, ""), ("wrap", 2.0, 4.0, "c1"), ("pause", 4.0, None, "lunch")]


def test_signing_out_ends_everything() -> None:
    one = shift(
        (1.0, "sign_in", ""), (2.0, "pause", "a"), (3.0, "wrap", "c1"), (4.0, "sign_out", ""), (9.0, "sign_in", "")
    )
    assert told(one)[-1] == ("ready", 9.0, None, "")
    assert one.current.until(11.0) == 11.0


def test_what_is_long_over_is_forgotten_and_what_lasts_is_not() -> None:
    one = shift((1.0, "ready", ""), (2.0, "wrap", "c1"), (3.0, "ready", ""), (5.0, "pause", "lunch"))
    one.forget(4.0)
    assert told(one) == [("ready", 3.0, 5.0, ""), ("pause", 5.0, None, "lunch")]
    assert one.wraps == {}


def test_a_resume_of_nothing_changes_nothing() -> None:
    one = shift((1.0, "ready", ""), (2.0, "resume", "lunch"))
    assert told(one) == [("ready", 1.0, None, "")]
