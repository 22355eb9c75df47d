"""States are kept, events added to."""

from __future__ import annotations

from crm_core.agents import store
from cti.kernel.db import Database
from cti.live.agents import Kept, Membership, Missed, Noted, Owed, Pause, Wrap, WrapRule

RULE = WrapRule(None, mandatory=True)
KEPT = Kept(
    on=True,
    since=5.0,
    pauses=(Pause("lunch", "ناهار", 4.0),),
    owed=(Owed("c1", "main", "sales", RULE),),
    wrap=Wrap("c0", "sales", 1.0, None, RULE, 2),
    missed=Missed("c9", 3.0),
    missed_in_row=1,
    memberships=(Membership("main", "sales", "PJSIP/201"),),
)


async def test_states_and_what_happened(database: Database) -> None:
    noted = [Noted("u1", 1.0, "sign_in", queue="sales"), Noted("u1", 2.0, "pause", "lunch"), Noted("u2", 3.0, "ready")]
    async with database.transaction() as tx:
        await store.write(tx, {"u1": Kept(), "u2": Kept()}, dict(zip("abc", noted, strict=True)), 10.0)
    async with database.transaction() as tx:
        await store.write(tx, {"u1": KEPT}, {"a": noted[0]}, 11.0)
    async with database.read() as reader:
        assert await store.states(reader) == {"u1": KEPT, "u2": Kept()}
        assert await store.events(reader, ["u1"], 0.0, 3.0) == tuple(noted[:2])
        assert await store.events(reader, ["u1", "u2"], 2.0, 3.5) == tuple(noted[1:])


async def test_what_everybody_did_is_told_at_once_or_of_one_after_the_other(database: Database) -> None:
    noted = [Noted("u1", 1.0, "ready"), Noted("u2", 2.0, "ready"), Noted("u1", 5.0, "pause", "lunch")]
    late = Noted("u2", 9.0, "sign_out")
    async with database.transaction() as tx:
        await store.write(
            tx, {"u1": Kept(), "u2": Kept(), "u3": Kept()}, dict(zip("abcd", (*noted, late), strict=True)), 1.0
        )
    async with database.read() as reader:
        assert await store.notes(reader, 4.0, 9.0) == tuple(noted), "as far back as it takes to know how each began"
        each = [some async for some in store.notes_of_each(reader, 4.0, 9.0)]
    assert sorted(each, key=lambda some: some[0].user) == [(noted[0], noted[2]), (noted[1],)]
