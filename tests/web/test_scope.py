"""Whose calls a page tells of."""

from __future__ import annotations

import re

import pytest

from cti.kernel.actor import Actor
from screenpop.feed import allowed
from tests.web.conftest import Stage
from web.scope import scope_of


@pytest.mark.parametrize(
    ("permissions", "teams", "scope"),
    [
        ("live.view calls.view_all", "b a", "all"),
        ("live.view calls.view_team", "b a", "a b"),
        ("live.view", "a", "a"),
        ("live.view", "", ""),
    ],
)
def test_everybodys_or_those_of_ones_teams_and_all_of_it_may_be_watched(
    permissions: str, teams: str, scope: str
) -> None:
    actor = Actor("x", "X", permissions=frozenset(permissions.split()), teams=frozenset(teams.split()))
    assert scope_of(actor) == scope
    assert all(allowed(actor, f"board:{one}") for one in scope.split())


async def test_every_page_says_it(on_stage: Stage) -> None:
    team = await on_stage.services.crm.teams.create(on_stage.actor, "Sales")
    lead = await on_stage.as_role("supervisor", teams=(team.id,))
    told = [re.findall('name="scope" content="(.*?)"', await who.page("/work")) for who in (on_stage, lead)]
    assert told == [["all"], [team.id]]
