"""Whom a text means, in any spelling; and whom it does not."""

from __future__ import annotations

import pytest

from crm_core.notes.mentions import MOST, mentioned
from crm_core.users.account import UserRef


def user(id_: str, login: str, name: str, active: bool = True) -> UserRef:
    return UserRef(id_, login, name, "agent", (), (), active)


USERS = (
    user("1", "negar", "نگار سهرابی"),
    user("2", "n.kiani", "نگار کیانی"),
    user("3", "ali", "علی‌رضا"),
    user("4", "gone", "رفته", active=False),
    user("5", "negar2", ""),
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("@negar look", ("1",)),
        ("@Negar, @ALI", ("1", "3")),
        ("ببین @نگار کیانی و @نگار سهرابي", ("2", "1")),
        ("@علی رضا and @عليرضا", ("3",)),
        ("(@negar2)", ("5",)),
        ("mail negar@example.com", ()),
        ("@nobody @gone @", ()),
        ("@negarish", ()),
        ("@negar @negar", ("1",)),
        ("", ()),
        ("@" * 10_000, ()),
    ],
)
def test_who_is_meant(text: str, found: tuple[str, ...]) -> None:
    assert mentioned(text, USERS) == found


def test_nobody_means_everybody() -> None:
    many = tuple(user(str(n), f"user{n}x", "") for n in range(200))
    assert len(mentioned(" ".join(f"@user{n}x" for n in range(200)), many)) <= MOST
