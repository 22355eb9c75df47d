"""What is told of results says who, of which call, and when."""

from __future__ import annotations

from crm_core.results.events import CallNoteSaved, ResultSaved


def test_they_name_user_and_call() -> None:
    saved = ResultSaved("u1", "main-1.1", "sale", 5.0)
    note = CallNoteSaved("u1", "main-1.1", 4.0)
    assert (saved.user, saved.call) == (note.user, note.call)
    assert hash(saved) != hash(ResultSaved("u1", "main-1.1", "sale", 6.0))
