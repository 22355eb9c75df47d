"""Colleagues and teams as files name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from crm_core.exchange.colleagues import team_of, teams_by_name, user_of, users_by_name
from crm_core.users.account import Team, UserRef
from cti.kernel.errors import InvalidError


def user(id_: str, login: str, name: str) -> UserRef:
    return UserRef(id=id_, login=login, name=name, role="agent", teams=(), extensions=(), active=True)


USERS = users_by_name([user("1", "sara", "سارا كريمي"), user("2", "ali", "علی رضایی"), user("3", "ali2", "علي رضايي")])
TEAMS = teams_by_name([Team(id="t", name="فروش‌ تهران")])


def test_by_user_name_and_by_full_name_in_any_spelling() -> None:
    assert [user_of(text, USERS) for text in ("sara", " SARA ", "سارا کریمی", "ساراکریمی", "ali2")] == list("11113")
    assert team_of("فروش تهران", TEAMS) == "t"


def test_a_user_name_is_surer_than_a_name() -> None:
    assert user_of("sara", users_by_name([user("1", "sara", "x"), user("2", "y", "Sara")])) == "1"


@pytest.mark.parametrize(
    ("find", "known", "text", "said"),
    [
        (user_of, USERS, "علی رضایی", "Several colleagues"),
        (user_of, USERS, "nobody", "no colleague «nobody»"),
        (team_of, TEAMS, "پشتیبانی", "no team «پشتیبانی»"),
    ],
)
def test_who_is_not_known_is_said(
    find: Callable[[str, Mapping[str, str]], str], known: dict[str, str], text: str, said: str
) -> None:
    with pytest.raises(InvalidError) as told:
        find(text, known)
    assert said in told.value.text % told.value.values
