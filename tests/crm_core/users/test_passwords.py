"""Passwords: slow to guess, quick to mistype and forgive."""

from __future__ import annotations

import re
import time

import pytest
from argon2 import PasswordHasher

from crm_core.users import passwords as module
from crm_core.users.passwords import Passwords, checked, folded, one_time
from cti.kernel.errors import InvalidError


@pytest.fixture(autouse=True)
def as_in_the_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here a hash costs what it costs."""
    monkeypatch.setattr(module, "_hasher", PasswordHasher())
    module._nobodys.cache_clear()


async def test_right_and_wrong() -> None:
    passwords = Passwords()
    kept = await passwords.hashed("کوه بلند 1405")
    assert kept.startswith("$argon2id$") and "1405" not in kept
    assert await passwords.right(kept, "کوه بلند ۱۴۰۵")
    assert not await passwords.right(kept, "کوه بلند 1406")
    assert kept != await passwords.hashed("کوه بلند 1405")


@pytest.mark.parametrize("kept", [None, "", "$argon2id$nonsense", "plain"])
async def test_who_has_none_is_never_let_in(kept: str | None) -> None:
    assert not await Passwords().right(kept, "")


async def test_who_is_not_there_takes_as_long() -> None:
    passwords = Passwords()
    kept = await passwords.hashed("one of ours, certainly")
    await passwords.right(None, "x")  # the hash of nobody is made once

    async def seconds(of: str | None) -> float:
        begun = time.process_time()  # a busy machine takes longer over either
        for _ in range(3):
            await passwords.right(of, "wrong")
        return time.process_time() - begun

    there, nobody = await seconds(kept), await seconds(None)
    assert 0.4 < there / nobody < 2.5


@pytest.mark.parametrize(
    "bad", ["", "short", "password123", "1234567890", "aaaaaaaaaaaa", "sara-is-here", "x" * 257, "۱۲۳۴۵۶۷۸۹۰۱۲"]
)
def test_what_is_guessed_first_is_refused(bad: str) -> None:
    with pytest.raises(InvalidError):
        checked(bad, "sara")


@pytest.mark.parametrize("good", ["کوه بلند برفی", "correct horse battery", "T4mas!call-centre", "x y z w v u t s"])
def test_what_is_good(good: str) -> None:
    assert checked(good, "sara") == good


def test_the_same_keys_are_the_same_password() -> None:
    assert folded("۱۲۳٤٥٦") == "123456"
    assert folded("e\u0301") == folded("\u00e9")


def test_one_time_ones_can_be_read_out() -> None:
    found = {one_time() for _ in range(100)}
    assert len(found) == 100
    assert all(re.fullmatch(r"([a-z2-9]{4}-){2}[a-z2-9]{4}", text) and not set(text) & set("il1o0") for text in found)
    assert all(checked(text, "admin") for text in found)
