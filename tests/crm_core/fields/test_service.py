"""Fields are defined without code, and what is written into them is checked."""

from __future__ import annotations

import pytest

from crm_core.fields.model import Choice
from crm_core.fields.service import Change
from cti.kernel.actor import Actor, system
from cti.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from web.services import Crm

BOSS = system("test")
SIZE = Change(fa="اندازه", en="Size")


async def test_a_field_is_made_changed_and_taken_out_of_use(crm: Crm) -> None:
    made = await crm.fields.create(BOSS, "person", "size", "integer", SIZE)
    assert await crm.fields.defined("person") == (made,)
    assert await crm.fields.defined("company") == ()
    changed = await crm.fields.change(BOSS, made.id, Change(en="Shoe size", required=True))
    assert (changed.name, changed.type, changed.en, changed.version) == ("size", "integer", "Shoe size", 2)
    await crm.fields.change(BOSS, made.id, Change(en="Shoe size", active=False))
    assert await crm.fields.defined("person") == ()
    assert [one.name for one in await crm.fields.list(BOSS)] == ["size"]


async def test_names_are_taken_once(crm: Crm) -> None:
    await crm.fields.create(BOSS, "person", "size", "integer", SIZE)
    await crm.fields.create(BOSS, "company", "size", "integer", SIZE)
    with pytest.raises(ConflictError):
        await crm.fields.create(BOSS, "person", "size", "text", SIZE)


@pytest.mark.parametrize("name", ["", "Size", "1st", "a b", "x" * 41, "نام", "a\0"])
async def test_bad_names(crm: Crm, name: str) -> None:
    with pytest.raises(InvalidError):
        await crm.fields.create(BOSS, "person", name, "text", SIZE)


@pytest.mark.parametrize(
    "change",
    [Change(), Change(fa="x" * 81), Change(fa="a\0"), Change(fa="a", choices=(Choice("a"), Choice("a"))),
     Change(fa="a", choices=(Choice(""),)), Change(fa="a")],
)  # fmt: skip
async def test_bad_lists(crm: Crm, change: Change) -> None:
    with pytest.raises(InvalidError):
        await crm.fields.create(BOSS, "person", "list", "choice", change)


async def test_order(crm: Crm) -> None:
    ids = [(await crm.fields.create(BOSS, "person", name, "text", SIZE)).id for name in "abc"]
    await crm.fields.move(BOSS, ids[2], -1)
    await crm.fields.move(BOSS, ids[0], -1)
    assert "".join(one.name for one in await crm.fields.defined("person")) == "acb"


async def test_values_are_checked(crm: Crm) -> None:
    await crm.fields.create(BOSS, "person", "size", "integer", Change(fa="اندازه", required=True))
    await crm.fields.create(BOSS, "person", "since", "date", Change(en="Since"))
    defs = await crm.fields.defined("person")
    assert crm.fields.checked(defs, {"size": "۴۲", "since": ""}) == {"size": 42}
    assert crm.fields.checked(defs, {"since": "1405/09/01"}, {"size": 42}) == {"size": 42, "since": "2026-11-22"}
    assert crm.fields.checked(defs, {"since": ""}, {"size": 42, "since": "2026-11-22"}) == {"size": 42}
    for wrong in ({}, {"size": ""}, {"size": 1, "colour": "red"}, {"size": "big"}):
        with pytest.raises(InvalidError):
            crm.fields.checked(defs, wrong)


async def test_only_who_may(crm: Crm) -> None:
    agent = Actor(id="1", name="Elham")
    for attempt in (
        crm.fields.list(agent),
        crm.fields.create(agent, "person", "size", "text", SIZE),
        crm.fields.change(agent, "x", SIZE),
        crm.fields.move(agent, "x", 1),
    ):
        with pytest.raises(ForbiddenError):
            await attempt
    with pytest.raises(NotFoundError):
        await crm.fields.change(BOSS, "x", SIZE)
