"""Messages to agents and teams: told at once, kept until they are read, and whoever wrote knows who has read."""

from __future__ import annotations

import pytest

from crm_core.agents.messages import LONGEST, MessageRead, MessageSent
from crm_core.users.desks import PeopleAtPhones
from crm_core.users.places import Mate
from cti.kernel.actor import Actor
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from web.services import Crm

USE = frozenset({"desk.use"})
LEAD = Actor("lead", "Lead", permissions=USE | {"agents.manage"}, teams=frozenset({"sales"}))
SARA, REZA = (Actor(name, name, permissions=USE, teams=frozenset({"sales"})) for name in ("sara", "reza"))
PEOPLE = PeopleAtPhones(
    {},
    mates=(
        Mate("sara", "Sara", ("sales",)), Mate("reza", "Reza", ("sales",)), Mate("omid", "Omid", ("help",)),
        Mate("lead", "Lead", ("sales",)),
    ),
    teams=(("help", "Help"), ("sales", "Sales")),
)  # fmt: skip


@pytest.fixture(autouse=True)
def known(crm: Crm) -> None:
    crm.reach.take(PEOPLE)


async def test_one_and_a_whole_team_but_not_oneself(crm: Crm, told: list[object]) -> None:
    sent = await crm.messages.send(LEAD, ["sara"], [], " Lunch now, please. \nThanks ")
    assert (sent.text, sent.teams, [one.user for one in sent.to]) == ("Lunch now, please. \nThanks", (), ["sara"])
    sent = await crm.messages.send(LEAD, ["sara"], ["sales"], "All hands")
    assert (sent.teams, [(one.user, one.name) for one in sent.to]) == (("Sales",), [("reza", "Reza"), ("sara", "Sara")])
    heard = [(one.user, one.message.text, one.message.by) for one in told if isinstance(one, MessageSent)]
    assert heard[1:] == [("reza", "All hands", "Lead"), ("sara", "All hands", "Lead")] and len(heard) == 3


async def test_it_is_there_until_it_is_read_and_the_writer_knows(crm: Crm, told: list[object]) -> None:
    first = await crm.messages.send(LEAD, [], ["sales"], "one")
    second = await crm.messages.send(LEAD, ["sara"], [], "two")
    assert [one.text for one in await crm.messages.unread(SARA)] == ["two", "one"]
    assert [one.text for one in await crm.messages.unread(REZA)] == ["one"]
    await crm.messages.read(SARA, first.id)
    await crm.messages.read(SARA, first.id)
    assert [one.id for one in await crm.messages.unread(SARA)] == [second.id]
    (read,) = [one for one in told if isinstance(one, MessageRead)]
    assert (read.author, read.id, read.user) == ("lead", first.id, "sara")
    two, one = await crm.messages.sent(LEAD)
    assert {x.user: x.read_at is not None for x in one.to} == {"sara": True, "reza": False}
    assert [x.read_at for x in two.to] == [None]


async def test_nobody_out_of_reach_and_nothing_that_is_no_message(crm: Crm) -> None:
    for users, teams in ((["omid"], []), ([], ["help"]), (["sara", "omid"], [])):
        with pytest.raises(ForbiddenError):
            await crm.messages.send(LEAD, users, teams, "x")
    for text in ("", "  ", "a" * (LONGEST + 1), "a\x07b"):
        with pytest.raises(InvalidError):
            await crm.messages.send(LEAD, ["sara"], [], text)
    with pytest.raises(InvalidError):
        await crm.messages.send(LEAD, [], [], "to nobody")
    with pytest.raises(ForbiddenError):
        await crm.messages.send(SARA, ["reza"], [], "x")
    assert await crm.messages.sent(LEAD) == ()


async def test_others_messages_are_not_mine_to_read(crm: Crm) -> None:
    sent = await crm.messages.send(LEAD, ["sara"], [], "x")
    for id_ in (sent.id, "nonsense", "a\0b"):
        with pytest.raises(NotFoundError):
            await crm.messages.read(REZA, id_)
    assert len(await crm.messages.unread(SARA)) == 1


async def test_what_is_written_is_noted(crm: Crm) -> None:
    sent = await crm.messages.send(LEAD, ["sara"], [], "Please call back")
    async with crm.database.read() as reader:
        rows = await reader.fetch("SELECT actor, kind, record FROM audit WHERE action = 'wrote'")
    assert [tuple(row) for row in rows] == [("lead", "message", sent.id)]
