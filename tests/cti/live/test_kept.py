"""Calls as they are kept: the same facts come out, and are found where they are to be found, until they go."""

from __future__ import annotations

from cti.live.counted import facts_of
from cti.live.kept import KeptCalls, phone, talkers
from tests.cti.live import figured_day as day
from tests.cti.live.figured_day import A, B

SALES, SUPPORT = (("main", "sales"), 900.0), (("main", "support"), 900.0)


def test_what_is_kept_comes_out_and_goes() -> None:
    kept = KeptCalls()
    records = day.records()
    facts = [facts_of(record, day.people(record)) for record in records]
    for one in facts:
        kept.put(one, {SALES, SUPPORT})
    assert [kept.get(record.id) for record in records] == facts
    assert list(kept.joined(SALES)) == facts
    assert len(kept.talks(A)) == 5
    assert [talk.users for talk in kept.talks(B)] == [(B,), (B,)], "of a call of two, his own part"
    for one in facts:
        kept.remove(one, {SALES, SUPPORT})
    assert (kept.get("main-1"), list(kept.joined(SUPPORT)), kept.talks(A)) == (None, [], [])


def test_a_phone_at_which_nobody_knows_who_worked() -> None:
    facts = facts_of(day.records()[1], {})
    assert talkers(facts) == {phone("main", "201")}
    kept = KeptCalls()
    kept.put(facts, set())
    assert kept.talks(phone("main", "201")) == list(facts.talks)
    assert kept.talks(phone("main", "202")) == []


def test_a_call_takes_little() -> None:
    kept = KeptCalls()
    kept.put(facts_of(day.records()[1], {f"1.{A}": ("0" * 36,)}), set())
    assert len(kept._packed["main-1"]) < 160
