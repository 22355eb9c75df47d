"""A link opens its one board until it is taken back; what is kept gives no link; nobody shows others' queues."""

from __future__ import annotations

import pytest

from crm_core.audit.service import Audit
from crm_core.wallboards.model import Shown
from crm_core.wallboards.service import Wallboards
from cti.kernel.actor import Actor, system
from cti.kernel.db import Database
from cti.kernel.errors import ForbiddenError, InvalidError, NotFoundError
from tests.crm_core.users import people
from web.services import Crm

BOSS = system("test")


async def supervisor(crm: Crm, *queues: str) -> Actor:
    """Somebody who leads a team that serves these queues."""
    team = await crm.teams.create(BOSS, "front")
    user = await people.make(crm, "lead", "supervisor", queues=queues, extensions=("301",))
    await crm.teams.change(BOSS, team.id, users=(user.id,))
    actor, _ = await people.sign_in(crm, user)
    crm.reach.take(await crm.desks.people())
    return actor


async def test_a_link_opens_its_board_until_there_is_a_new_one(crm: Crm) -> None:
    boards = crm.wallboards
    made = await boards.create(BOSS, Shown(name="Hall", queues=("sales",)))
    other = await boards.create(BOSS, Shown(name="Office"))
    assert (await boards.opened_by(made.secret)) == made.board
    assert len(made.secret) >= 40 and made.secret != other.secret
    again = await boards.issue(BOSS, made.board.id)
    assert await boards.opened_by(made.secret) is None
    assert (await boards.opened_by(again.secret)) == again.board
    await boards.revoke(BOSS, made.board.id)
    assert await boards.opened_by(again.secret) is None
    assert (await boards.get(BOSS, made.board.id)).issued_at is None
    assert (await boards.opened_by(other.secret)) == other.board
    await boards.delete(BOSS, other.board.id)
    assert await boards.opened_by(other.secret) is None


async def test_no_other_text_opens_anything(crm: Crm) -> None:
    made = await crm.wallboards.create(BOSS, Shown(name="Hall"))
    for text in ("", "none", made.secret[:-1], made.secret + "x", made.secret.upper(), "x" * 5000, "\udcff\0"):
        assert await crm.wallboards.opened_by(text) is None, text
    await crm.wallboards.revoke(BOSS, made.board.id)
    assert await crm.wallboards.opened_by("None") is None


async def test_what_is_kept_gives_no_link(crm: Crm, database: Database) -> None:
    made = await crm.wallboards.create(BOSS, Shown(name="Hall"))
    async with database.read() as reader:
        rows = [*await reader.fetch("SELECT * FROM wallboard"), *await reader.fetch("SELECT * FROM audit")]
    assert rows and made.secret not in str(rows)


async def test_a_board_is_changed_by_the_same_link_and_outlives_a_restart(crm: Crm, database: Database) -> None:
    told: list[str] = []
    crm.wallboards.changed = told.append
    made = await crm.wallboards.create(BOSS, Shown(name="Hall"))
    shown = Shown(name="Hall 2", kind="agents", queues=("sales", "sales", "help"), nameless=True, target=90)
    await crm.wallboards.change(BOSS, made.board.id, shown)
    fresh = Wallboards(database, crm.wallboards._clock, Audit(database, crm.wallboards._clock), crm.reach)
    found = await fresh.opened_by(made.secret)
    assert found is not None and found.shown.queues == ("sales", "help")
    assert (found.shown.name, found.shown.kind, found.shown.nameless) == ("Hall 2", "agents", True)
    assert told == [made.board.id] * 2


async def test_what_makes_no_sense_is_refused(crm: Crm) -> None:
    with pytest.raises(InvalidError):
        await crm.wallboards.create(BOSS, Shown(name="   "))
    with pytest.raises(InvalidError):
        await crm.wallboards.create(BOSS, Shown(name="Hall", wait_warn=60, wait_bad=30))
    for act in (crm.wallboards.get, crm.wallboards.issue, crm.wallboards.revoke, crm.wallboards.delete):
        with pytest.raises(NotFoundError):
            await act(BOSS, "none")


async def test_a_supervisor_puts_the_queues_of_his_teams_on_a_wall_and_no_others(crm: Crm) -> None:
    lead = await supervisor(crm, "sales")
    mine = await crm.wallboards.create(lead, Shown(name="Sales", queues=("sales",)))
    for queues in ((), ("help",), ("sales", "help")):
        with pytest.raises(ForbiddenError):
            await crm.wallboards.create(lead, Shown(name="x", queues=queues))
    with pytest.raises(ForbiddenError):
        await crm.wallboards.change(lead, mine.board.id, Shown(name="x"))
    whole = await crm.wallboards.create(BOSS, Shown(name="All"))
    assert [one.id for one in await crm.wallboards.all(lead)] == [mine.board.id]
    with pytest.raises(NotFoundError):
        await crm.wallboards.issue(lead, whole.board.id)
    assert len(await crm.wallboards.all(BOSS)) == 2


async def test_agents_have_no_boards(crm: Crm) -> None:
    agent, _ = await people.sign_in(crm, await people.make(crm, "sara", "agent"))
    with pytest.raises(ForbiddenError):
        await crm.wallboards.all(agent)
