"""What agents' own states were, from what happened to them: the same as they had at that moment."""

from __future__ import annotations

from crm_core.agents import store
from crm_core.agents.model import QueueWrap, Rules
from crm_core.agents.then import after, noted_between
from cti.kernel.db import Database
from cti.live.agents import Agent, Kept, Noted, Part

RULES = Rules(wraps=(QueueWrap(queue="*", seconds=40.0), QueueWrap(queue="sales", seconds=30.0, extend_seconds=15.0)))
RULE = RULES.wrap("sales")


def shift(user: str = "u1") -> list[tuple[float, Kept, list[Noted]]]:
    """A shift: after each thing that happens its time, what is kept of him, and what was noted."""
    agent = Agent(user)
    steps: list[tuple[float, Kept, list[Noted]]] = []

    def then(at: float) -> None:
        steps.append((at, agent.kept(), list(agent.noted)))
        agent.noted.clear()

    agent.sign_in(100.0, ())
    then(100.0)
    agent.pause(200.0, "lunch", "Lunch")
    then(200.0)
    agent.pause(210.0, "prayer", "Prayer", by="boss")
    then(210.0)
    agent.resume(300.0)
    then(300.0)
    agent.resume(320.0)
    then(320.0)
    agent.join(Part("c1", "main", "talk", 400.0, "sales", talked=True), 400.0, RULE)
    agent.leave("c1", 460.0)
    then(460.0)
    agent.pause(465.0, "break", "Break")  # for after the wrap-up
    then(465.0)
    agent.extend(470.0)
    then(470.0)
    agent.tick(505.0)
    then(505.0)
    agent.resume(510.0)
    then(510.0)
    agent.sign_out(900.0)
    then(900.0)
    return steps


def shown(kept: Kept) -> tuple[object, ...]:
    """What a screen shows of it."""
    agent = Agent("u", kept)
    return agent.on, agent.own, agent.shown, kept.since, kept.pauses, kept.wrap


def test_each_thing_that_happened_leads_to_the_state_that_he_had() -> None:
    state = Kept()
    for at, kept, noted in shift():
        for note in noted:
            state = after(state, note, RULES, "en")
        assert shown(state) == shown(kept), at


async def test_what_happened_in_a_time_is_read_in_order(database: Database) -> None:
    noted = {f"{user}{n:03}": note for user in ("u1", "u2") for n, note in enumerate(notes_of(user))}
    async with database.transaction() as tx:
        await store.write(tx, {}, noted, 1000.0)
    async with database.read() as reader:
        between = await noted_between(reader, 200.0, 300.0)
    assert [(note.at, note.kind) for note in between if note.user == "u1"] == [(210, "pause"), (300, "resume")]


def notes_of(user: str) -> list[Noted]:
    return [note for _, _, some in shift(user) for note in some]


def test_a_reason_that_nobody_knows_is_called_by_its_id() -> None:
    assert after(Kept(on=True), Noted("u1", 6.0, "pause", "old-one"), RULES, "fa").pauses[0].label == "old-one"
    assert after(Kept(on=True), Noted("u1", 6.0, "pause", "lunch"), RULES, "fa").pauses[0].label == "ناهار"
