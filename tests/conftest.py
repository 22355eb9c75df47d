"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from crm_core.users import passwords


@pytest.fixture(scope="session", autouse=True)
def hasty_hashes() -> Iterator[None]:
    """Passwords of tests are hashed as in the product, a hundred times sooner; ``test_passwords`` has the real cost."""
    kept, passwords._hasher = passwords._hasher, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    passwords._nobodys.cache_clear()
    yield
    passwords._hasher = kept
