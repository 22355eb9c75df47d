from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cti.kernel.errors import ConfigurationError
from cti.kernel.vault import Vault


def test_what_is_sealed_is_given_back_and_nowhere_to_be_read(tmp_path: Path) -> None:
    key = tmp_path / "deep" / "secrets.key"
    sealed = Vault(key).seal("رمز phone-secret")
    assert "phone-secret" not in sealed and Vault(key).open(sealed) == "رمز phone-secret"
    assert Vault(key).seal("رمز phone-secret") != sealed
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and list(key.parent.iterdir()) == [key]


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    sealed = Vault(tmp_path / "one").seal("secret")
    assert Vault(tmp_path / "other").open(sealed) is None
    assert Vault(tmp_path / "one").open("rubbish") is None


def test_a_key_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("no key")
    with pytest.raises(ConfigurationError, match="no key"):
        Vault(tmp_path / "key").seal("secret")


def test_of_two_that_make_one_both_have_the_same(tmp_path: Path) -> None:
    one, other = Vault(tmp_path / "key"), Vault(tmp_path / "key")
    sealed = one.seal("a")
    assert other.open(sealed) == "a" and one.open(other.seal("b")) == "b"
