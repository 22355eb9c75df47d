"""What agents' own states were, from what happened to them: the same as they had at that moment."""

from __future__ import annotations

import msgspec

from crm_core.agents import store
from crm_core.agents.then import after, noted_between, states_at
from cti.kernel.db import Database
from cti.live.agents import Agent, Kept, Noted, Part, WrapRule

DAY = 86_400.0
RULE = WrapRule(30.0)


def shift(user: str = "u1") -> list[tuple[float, Kept, list[Noted]]]:
    """A shift: after each thing that happens its time, what is kept of him, and what was noted."""
    agent = Agent(user)
    steps: list[tuple[float, Kept, list[Noted]]] = []

    def then(at: float) -> None:
        steps.append((at, agent.kept(), list(agent.noted)))
        agent.noted.clear()

    agent.sign_in(100.0, ())
    then(100.0)
    agent.pause(200.0, "lunch", "lunch")
    then(200.0)
    agent.pause(210.0, "prayer", "prayer", by="boss")
    then(210.0)
    agent.resume(300.0)
    then(300.0)
    agent.resume(320.0)
    then(320.0)
    agent.join(Part("c1", "main", "talk", 400.0, "sales", talked=True), 400.0, RULE)
    agent.leave("c1", 460.0)
    then(460.0)
    agent.pause(465.0, "break", "break")  # for after the wrap-up
    then(465.0)
    agent.tick(490.0)
    then(490.0)
    agent.resume(500.0)
    then(500.0)
    agent.sign_out(900.0)
    then(900.0)
    return steps


def shown(kept: Kept) -> tuple[object, ...]:
    """What a screen shows of it: what the wrap-up's rule was, nobody wrote down."""
    agent = Agent("u", kept)
    wrap = kept.wrap and (kept.wrap.call, kept.wrap.queue, kept.wrap.since)
    return agent.on, agent.own, agent.shown, kept.since, kept.pauses, wrap


def test_each_thing_that_happened_leads_to_the_state_that_he_had() -> None:
    state = Kept()
    for at, kept, noted in shift():
        for note in noted:
            state = after(state, note)
        assert shown(state) == shown(kept), at


async def test_the_state_at_any_moment_is_read_from_the_log(database: Database) -> None:
    noted = {
        f"{n:03}": note
        for n, note in enumerate(
            msgspec.structs.replace(note, at=DAY + note.at)
            for user in ("u1", "u2")
            for _, _, some in shift(user)
            for note in some
        )
    }
    async with database.transaction() as tx:
        await store.write(tx, {}, noted, 1000.0)
    async with database.read() as reader:
        for at, kept, _ in shift():
            found = await states_at(reader, DAY + at)
            assert set(found) == {"u1", "u2"}
            assert Agent("u1", found["u1"]).own == Agent("u1", kept).own, at
            assert [p.reason for p in found["u2"].pauses] == [p.reason for p in kept.pauses], at
        assert await states_at(reader, DAY + 50) == {}
        between = await noted_between(reader, DAY + 200, DAY + 300)
    assert [(note.at - DAY, note.kind) for note in between if note.user == "u1"] == [(210, "pause"), (300, "resume")]


async def test_the_names_of_reasons_are_asked_for(database: Database) -> None:
    async with database.transaction() as tx:
        await store.write(tx, {}, {"a": Noted("u1", 5.0, "sign_in"), "b": Noted("u1", 6.0, "pause", "lunch")}, 7.0)
    async with database.read() as reader:
        found = await states_at(reader, 10.0, {"lunch": "Lunch"}.__getitem__)
    assert found["u1"].pauses[0].label == "Lunch"
